import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Changes that come together are written once. */
const DELAY_MS = 200;

/** One JSON file of the data folder; without a path nothing is kept. */
export class StateFile {
  readonly #path: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #snapshot: (() => unknown) | undefined;

  constructor(path: string | undefined) {
    this.#path = path;
  }

  read(): unknown {
    if (this.#path === undefined) return undefined;
    try {
      return JSON.parse(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw new Error(`${this.#path} cannot be read: remove it, or start with another data folder`, { cause: error });
    }
  }

  /** Writes what `snapshot` gives, soon. */
  save(snapshot: () => unknown): void {
    if (this.#path === undefined) return;
    this.#snapshot = snapshot;
    this.#timer ??= setTimeout(() => this.flush(), DELAY_MS);
  }

  /**
   * Everything that was saved until now is on file: what has been answered survives the end of this process at any moment.
   * Those who ask at the same time share a write.
   */
  async written(): Promise<void> {
    if (!this.#snapshot) return;
    await nextTurn();
    this.flush();
  }

  /** Writes now what is still to be written: beside, and then renamed, so that a crash leaves the old or the new one. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const snapshot = this.#snapshot;
    this.#snapshot = undefined;
    if (!snapshot || this.#path === undefined) return;
    mkdirSync(dirname(this.#path), { recursive: true });
    writeFileSync(`${this.#path}.new`, JSON.stringify(snapshot()), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
  }
}
