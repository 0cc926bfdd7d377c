import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ClockState, installVirtualDate, readClock } from './virtual-date.ts';

/** Something that falls due by itself: delayed messages, visibility time-outs. Asked anew at every step. */
export interface DueSource {
  /** The earliest instant (ms since the epoch) at which `fire` has something to do, if any. */
  nextDue(): number | undefined;
  /** Called when that instant has come. Starts work; long work goes through `clock.track`. */
  fire(): void;
}

export interface TimerHandle {
  readonly due: number;
  readonly run: () => void;
}

/**
 * The embedded cloud's time.
 *
 * live:   runs with real time, shifted by what `advance` has skipped; what is due fires by itself.
 * frozen: stands still; only `advance` moves it. Everything is then deterministic.
 *
 * `advance` goes from one due instant to the next, in their order, and waits at each until nothing runs any more:
 * no virtual time passes while a function runs (`track`), unless `{ whileBusy: true }` says so.
 */
export class Clock {
  readonly state: ClockState = new Float64Array(new SharedArrayBuffer(16));
  readonly #timers = new Set<TimerHandle>();
  readonly #sources = new Set<DueSource>();
  readonly #restoreDate: () => void;
  readonly #ticker: NodeJS.Timeout;
  readonly #waitingForIdle: (() => void)[] = [];
  readonly #onMoved: (() => void) | undefined;
  #busy = 0;
  #pumping = false;

  /** `onMoved` is told whenever time was skipped. */
  constructor(options: { frozenAt?: number; onMoved?: () => void } = {}) {
    this.#onMoved = options.onMoved;
    if (options.frozenAt !== undefined) {
      this.state[0] = 1;
      this.state[1] = options.frozenAt;
    }
    this.#restoreDate = installVirtualDate(this.state);
    // Live time fires what is due within 25 ms; frozen time needs it only for timers that are due at once.
    this.#ticker = setInterval(() => this.#pump(), 25).unref();
  }

  now(): number {
    return readClock(this.state);
  }

  setTimeout(run: () => void, ms: number): TimerHandle {
    const handle = { due: this.now() + Math.max(0, ms), run };
    this.#timers.add(handle);
    if (handle.due <= this.now()) setImmediate(() => this.#pump());
    return handle;
  }

  clearTimeout(handle: TimerHandle | undefined): void {
    if (handle) this.#timers.delete(handle);
  }

  watch(source: DueSource): void {
    this.#sources.add(source);
  }

  /** Marks work as running until its promise settles, starting now (synchronously). */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work;
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0) for (const wake of this.#waitingForIdle.splice(0)) wake();
    }
  }

  get busy(): number {
    return this.#busy;
  }

  /** Waits until nothing runs and nothing is due at the present instant. */
  async settled(): Promise<void> {
    for (let quietTurns = 0; quietTurns < 3; ) {
      await nextTurn();
      this.#pump();
      quietTurns = this.#busy > 0 ? 0 : quietTurns + 1;
      // Turning on and on would take the processor from the functions that are waited for; the ticker pumps meanwhile.
      if (this.#busy > 0) await new Promise<void>((resolve) => this.#waitingForIdle.push(resolve));
    }
  }

  /** Moves time forward, firing all that falls due on the way in its order. */
  async advance(ms: number, options: { whileBusy?: boolean } = {}): Promise<void> {
    const target = this.now() + ms;
    const settle = async () => (options.whileBusy ? void (await nextTurn()) : this.settled());
    for (;;) {
      await settle();
      const next = this.#nextDue();
      if (next === undefined || next > target) break;
      this.#jumpTo(Math.max(next, this.now()));
      this.#pump();
    }
    this.#jumpTo(target);
    await settle();
  }

  close(): void {
    clearInterval(this.#ticker);
    this.#timers.clear();
    this.#sources.clear();
    this.#restoreDate();
  }

  #jumpTo(instant: number): void {
    const ahead = instant - this.now();
    if (ahead <= 0) return;
    this.state[1] = (this.state[1] ?? 0) + ahead;
    this.#onMoved?.();
  }

  #nextDue(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers) next = Math.min(next, timer.due);
    for (const source of this.#sources) next = Math.min(next, source.nextDue() ?? next);
    return Number.isFinite(next) ? next : undefined;
  }

  /** Fires what is due at the present instant, earliest first. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      const due = [...this.#timers].filter((timer) => timer.due <= this.now()).sort((a, b) => a.due - b.due);
      for (const timer of due) if (this.#timers.delete(timer)) timer.run();
      for (const source of this.#sources)
        if ((source.nextDue() ?? Number.POSITIVE_INFINITY) <= this.now()) source.fire();
    } finally {
      this.#pumping = false;
    }
  }
}
