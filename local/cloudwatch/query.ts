import type { Fields } from '../fields.ts';
import { type Datum, parseExpression } from './expression.ts';
import { type MetricId, type MetricStore, statistic } from './metric-store.ts';

interface Source {
  readonly id: string;
  readonly label: string;
  readonly returned: boolean;
  /** Seconds. */
  readonly period: number;
  datum(from: number, until: number): Datum;
}

/** Metrics and expressions over them (`MetricDataQuery`): what an alarm watches, and GetMetricData asks for. */
export class Query {
  readonly sources: readonly Source[];

  constructor(store: MetricStore, queries: readonly Fields[]) {
    const byId = new Map<string, Source>();
    const periods = queries.flatMap((query) =>
      query.has('MetricStat') ? [query.fields('MetricStat').number('Period')] : [],
    );
    const longest = Math.max(60, ...periods);
    for (const query of queries) {
      const id = query.string('Id');
      const common = { id, label: query.optionalString('Label') ?? id, returned: query.boolean('ReturnData', true) };
      byId.set(id, query.has('MetricStat') ? { ...common, ...metric(store, query) } : { ...common, ...math(query) });
    }
    this.sources = [...byId.values()];

    function math(query: Fields): Pick<Source, 'period' | 'datum'> {
      const evaluate = parseExpression(query.string('Expression'));
      const at = (id: string): Source => {
        const source = byId.get(id);
        if (source) return source;
        throw new Error(`The expression of ${query.string('Id')} names ${id}, which is not there`);
      };
      return {
        period: query.number('Period', longest),
        datum: (from, until) => evaluate({ value: (id) => at(id).datum(from, until), period: (id) => at(id).period }),
      };
    }
  }

  /** The one whose data is returned: what an alarm watches. */
  get watched(): Source {
    const [source] = this.sources.filter(({ returned }) => returned);
    if (source) return source;
    throw new Error('None of the metrics of the alarm returns data');
  }
}

function metric(store: MetricStore, query: Fields): Pick<Source, 'period' | 'datum'> {
  const stat = query.fields('MetricStat');
  const id = metricId(stat.fields('Metric'));
  const name = stat.string('Stat');
  return {
    period: stat.number('Period'),
    datum: (from, until) => statistic(name, store.values(id, from, until)),
  };
}

/** Namespace, MetricName and Dimensions, as requests and templates have them. */
export const metricId = (fields: Fields): MetricId => ({
  namespace: fields.string('Namespace'),
  name: fields.string('MetricName'),
  dimensions: Object.fromEntries(
    fields.listOfFields('Dimensions').map((dimension) => [dimension.string('Name'), dimension.string('Value')]),
  ),
});
