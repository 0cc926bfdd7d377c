/**
 * How much one page of a list may read, in units of an item of up to 4 KB, as DynamoDB counts reads. A filter that finds
 * little in much would otherwise read for longer than the API's time-out. 2,000 are about two seconds.
 */
export const READ_BUDGET = 2000;

export interface Found {
  /** The event id that the list is ordered by. */
  readonly id: string;
}
export interface Candidate extends Found {
  /** What reading it took of the budget. */
  readonly cost: number;
}

export interface Collected<T> {
  readonly hits: readonly T[];
  /** Where the list goes on after these: the id that was last shown, or last looked at when the budget ended. */
  readonly goesOnAfter?: string;
  /** The budget ended before the page was full. */
  readonly exhausted: boolean;
}

export interface Collecting<C, T> {
  readonly limit: number;
  readonly budget: number;
  /** How many candidates are judged together. */
  readonly batch: number;
  /** Which of the candidates belong to the list, in their order; what it read to know that is `cost`. */
  judge(candidates: readonly C[]): Promise<{ readonly hits: readonly T[]; readonly cost: number }>;
}

/** Reads candidates until a page is full and one more hit says that it goes on, or to their end, or the budget's. */
export async function collect<C extends Candidate, T extends Found>(
  candidates: AsyncIterable<C>,
  { limit, budget, batch, judge }: Collecting<C, T>,
): Promise<Collected<T>> {
  const hits: T[] = [];
  let waiting: C[] = [];
  let spent = 0;
  let last: string | undefined;
  const judgeWaiting = async () => {
    const judged = await judge(waiting);
    hits.push(...judged.hits);
    spent += judged.cost;
    waiting = [];
  };
  for await (const candidate of candidates) {
    // Looked at only now, so that a list that ends together with the budget is known to be complete.
    if (spent >= budget) {
      await judgeWaiting();
      return full(hits, limit) ?? { hits, exhausted: true, ...(last && { goesOnAfter: last }) };
    }
    waiting.push(candidate);
    spent += candidate.cost;
    last = candidate.id;
    if (waiting.length >= batch) await judgeWaiting();
    const page = full(hits, limit);
    if (page) return page;
  }
  await judgeWaiting();
  return full(hits, limit) ?? { hits, exhausted: false };
}

function full<T extends Found>(hits: readonly T[], limit: number): Collected<T> | undefined {
  const shown = hits.slice(0, limit);
  const last = shown.at(-1);
  return hits.length > limit && last ? { hits: shown, goesOnAfter: last.id, exhausted: false } : undefined;
}
