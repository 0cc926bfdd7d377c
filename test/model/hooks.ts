import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A line of the product, and what it is without one rule. */
export interface Edit {
  /** Relative to the project. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const project = new URL('../../', import.meta.url);

/**
 * What a sandbox remembers of the wake-ups that it started outlives an invocation, and a function that is brought back
 * must not find what it will do. So each has a memory of its own.
 */
const MEMORY: Edit = {
  file: 'shared/deliveries/slot.ts',
  from: 'const known = new Map<string, Promise<void>>();',
  to: `const memory = () => (globalThis as unknown as { sandboxMemory(): Map<string, Promise<void>> }).sandboxMemory();
const known = {
  get: (name: string) => memory().get(name),
  set: (name: string, ensuring: Promise<void>) => memory().set(name, ensuring),
  delete: (name: string) => memory().delete(name),
  clear: () => memory().clear(),
  get size() { return memory().size; },
};`,
};

/** Has the product's modules loaded with these edits. Throws if a line is not there any more. */
export function loadWith(edits: readonly Edit[]): void {
  const byUrl = Map.groupBy([MEMORY, ...edits], ({ file }) => new URL(file, project).href);
  for (const [url, of] of byUrl) edited(url, of);
  registerHooks({
    load(url, context, next) {
      const own = byUrl.get(url);
      if (!own) return next(url, context);
      return { format: 'module-typescript', source: edited(url, own), shortCircuit: true };
    },
  });
}

function edited(url: string, edits: readonly Edit[]): string {
  return edits.reduce(
    (source, { file, from, to }) => {
      if (source.split(from).length !== 2) throw new Error(`${file} does not have this line once any more: ${from}`);
      return source.replace(from, () => to);
    },
    readFileSync(fileURLToPath(url), 'utf8'),
  );
}
