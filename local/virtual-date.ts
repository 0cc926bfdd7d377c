/**
 * A `Date` that follows the embedded cloud's clock, in this thread and in every sandbox: the clock's state is two
 * numbers in shared memory, so that moving time is one write and reaches running functions at once.
 *
 * state[0]: 0 = live (time runs, state[1] is the offset from real time in ms), 1 = frozen (state[1] is the instant in ms).
 */
export type ClockState = Float64Array<SharedArrayBuffer>;

const RealDate = globalThis.Date;

export const realNow = (): number => RealDate.now();

export const readClock = (state: ClockState): number =>
  state[0] === 1 ? (state[1] ?? 0) : Math.floor(RealDate.now() + (state[1] ?? 0));

/** Replaces the global `Date`; returns the function that puts the real one back. */
export function installVirtualDate(state: ClockState): () => void {
  class VirtualDate extends RealDate {
    constructor(...args: [] | [number | string | Date]) {
      if (args.length === 0) super(readClock(state));
      else super(...args);
    }
    static override now(): number {
      return readClock(state);
    }
  }
  // `Date()` called without `new` and instanceof checks against real dates must go on working.
  Object.defineProperty(VirtualDate, Symbol.hasInstance, { value: (value: unknown) => value instanceof RealDate });
  const callable = new Proxy(VirtualDate, { apply: () => new VirtualDate().toString() });
  globalThis.Date = callable as unknown as DateConstructor;
  return () => {
    globalThis.Date = RealDate;
  };
}
