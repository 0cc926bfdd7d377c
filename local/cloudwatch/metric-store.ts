export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface Series {
  readonly id: MetricId;
  /** Values by the minute that they belong to, ms. */
  readonly minutes: Map<number, number[]>;
}

export const MINUTE_MS = 60_000;
/** As long as CloudWatch keeps minutes. */
const KEPT_MINUTES = 15 * 24 * 60;

/** Values of metrics, by minute. All of them are kept, so that any percentile can be asked for. */
export class MetricStore {
  readonly #series = new Map<string, Series>();

  put(id: MetricId, at: number, values: readonly number[]): void {
    const key = keyOf(id);
    const series = this.#series.get(key) ?? { id, minutes: new Map() };
    this.#series.set(key, series);
    const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    const before = series.minutes.get(minute);
    if (before) before.push(...values);
    else series.minutes.set(minute, [...values]);
    for (const oldest of series.minutes.keys()) {
      if (series.minutes.size <= KEPT_MINUTES) break;
      series.minutes.delete(oldest);
    }
  }

  list(): MetricId[] {
    return [...this.#series.values()].map(({ id }) => id);
  }

  /** All values from an instant on, before another. */
  values(id: MetricId, from: number, until: number): number[] {
    const minutes = this.#series.get(keyOf(id))?.minutes;
    if (!minutes) return [];
    const found: number[] = [];
    // A long period with few values is quicker read from the values.
    if ((until - from) / MINUTE_MS > minutes.size) {
      for (const [minute, values] of minutes) if (minute >= from && minute < until) found.push(...values);
      return found;
    }
    for (let minute = Math.ceil(from / MINUTE_MS) * MINUTE_MS; minute < until; minute += MINUTE_MS)
      found.push(...(minutes.get(minute) ?? []));
    return found;
  }
}

const keyOf = ({ namespace, name, dimensions }: MetricId): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);

/** A statistic of values; undefined when there are none, which is missing data. */
export function statistic(stat: string, values: readonly number[]): number | undefined {
  if (stat === 'SampleCount') return values.length > 0 ? values.length : undefined;
  if (values.length === 0) return undefined;
  const sum = () => values.reduce((total, value) => total + value, 0);
  switch (stat) {
    case 'Sum':
      return sum();
    case 'Average':
      return sum() / values.length;
    case 'Minimum':
      return Math.min(...values);
    case 'Maximum':
      return Math.max(...values);
  }
  const percentile = /^p(\d+(?:\.\d+)?)$/.exec(stat)?.[1];
  if (percentile === undefined) throw new Error(`The statistic ${stat} is not part of the embedded CloudWatch`);
  const sorted = values.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil((Number(percentile) / 100) * sorted.length));
  return sorted[rank - 1];
}
