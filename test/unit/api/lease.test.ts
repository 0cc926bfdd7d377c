import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { handOut, type Lease, leaseAt, toAskFor, topUp } from '../../../functions/api/rate-limit/lease.ts';

/** What several sandboxes serve out of one counter: each request says which of them it comes to, and after how many ms. */
class Sandboxes {
  readonly served = new Map<number, number>();
  writes = 0;
  #now = 1_000_000_000_000;
  readonly #limit: number;
  readonly #taken = new Map<number, number>();
  readonly #leases = new Map<number, Lease>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  request({ sandbox = 0, after = 0, wanted = 1 }): boolean {
    this.#now += after;
    let lease = leaseAt(this.#leases.get(sandbox), this.#limit, this.#now);
    const asked = toAskFor(lease, wanted);
    if (asked > 0) lease = topUp(lease, asked, this.#take(lease.second, asked), this.#limit);
    const left = handOut(lease, wanted);
    this.#leases.set(sandbox, left ?? lease);
    if (left) this.served.set(left.second, (this.served.get(left.second) ?? 0) + wanted);
    return left !== undefined;
  }

  #take(second: number, asked: number): number {
    this.writes += 1;
    const before = this.#taken.get(second) ?? 0;
    this.#taken.set(second, before + asked);
    return Math.max(0, Math.min(asked, this.#limit - before));
  }
}

const serve = (sandboxes: Sandboxes, requests: number, sandbox = 0, after = 0) =>
  Array.from({ length: requests }, () => sandboxes.request({ sandbox, after })).filter(Boolean).length;

describe('the leases of a limit', () => {
  it('never serve more than it in a second, however the requests fall on sandboxes', () => {
    const request = fc.record({ sandbox: fc.nat(5), after: fc.nat(200), wanted: fc.integer({ min: 1, max: 10 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(request, { maxLength: 300 }), (limit, requests) => {
        const sandboxes = new Sandboxes(limit);
        for (const one of requests) sandboxes.request(one);
        for (const served of sandboxes.served.values()) expect(served).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it('serve all of it to one sandbox, and nothing more until the next second', () => {
    const sandboxes = new Sandboxes(100);
    expect(serve(sandboxes, 150)).toBe(100);
    expect(sandboxes.request({ after: 1000 })).toBe(true);
  });

  it('cost a busy sandbox a tenth of a write for each request, and a refused one nothing', () => {
    const sandboxes = new Sandboxes(100);
    serve(sandboxes, 100);
    const before = sandboxes.writes;
    sandboxes.request({ after: 1000 });
    serve(sandboxes, 99);
    expect(sandboxes.writes - before).toBe(10);
    serve(sandboxes, 1);
    const after = sandboxes.writes;
    serve(sandboxes, 50);
    expect(sandboxes.writes).toBe(after);
  });

  it('refuse nobody for what idle sandboxes put by: one request on each of many takes one', () => {
    const sandboxes = new Sandboxes(25);
    const served = Array.from({ length: 25 }, (_, sandbox) => sandboxes.request({ sandbox }));
    expect(served.every(Boolean)).toBe(true);
  });
});
