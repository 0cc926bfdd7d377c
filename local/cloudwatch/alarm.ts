import { Fields } from '../fields.ts';
import type { Datum } from './expression.ts';
import type { MetricStore } from './metric-store.ts';
import { Query } from './query.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

/** A change of an alarm's state; the actions are recorded, for there is nobody to wake. */
export interface Transition {
  readonly alarm: string;
  readonly from: AlarmState;
  readonly to: AlarmState;
  /** ms. */
  readonly at: number;
  readonly reason: string;
  readonly actions: readonly string[];
}

const COMPARISONS: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * An AWS::CloudWatch::Alarm. Each minute it looks at its last periods, which end at that minute:
 *
 *   enough of them breach                  --> ALARM
 *   all of them are missing data ("missing") --> INSUFFICIENT_DATA
 *   otherwise                              --> OK
 */
export class MetricAlarm {
  readonly name: string;
  readonly arn: string;
  readonly properties: Fields;
  state: AlarmState = 'INSUFFICIENT_DATA';
  updated: number;
  reason = 'Unchecked: Initial alarm creation';
  readonly #query: Query;

  constructor(store: MetricStore, { name, arn, properties, now }: AlarmOptions) {
    this.name = name;
    this.arn = arn;
    this.properties = properties;
    this.updated = now;
    this.#query = new Query(
      store,
      properties.has('Metrics') ? properties.listOfFields('Metrics') : [single(properties)],
    );
  }

  /** Its state at a minute's end; a transition, if that is another than before. */
  evaluate(now: number): Transition | undefined {
    const data = this.#data(now);
    const breaching = data.filter((datum) => this.#breaches(datum)).length;
    const evaluated = this.properties.number('EvaluationPeriods');
    const wanted = this.properties.number('DatapointsToAlarm', evaluated);
    const treatment = this.properties.optionalString('TreatMissingData') ?? 'missing';
    const nothing = data.every((datum) => datum === undefined);
    if (nothing && treatment === 'ignore') return undefined;
    const to = breaching >= wanted ? 'ALARM' : nothing && treatment === 'missing' ? 'INSUFFICIENT_DATA' : 'OK';
    const shown = data.map((datum) => datum ?? 'no data').join(', ');
    return this.change(to, now, `${breaching} of the last ${evaluated} datapoints [${shown}] breach the threshold`);
  }

  change(to: AlarmState, at: number, reason: string): Transition | undefined {
    if (to === this.state) return undefined;
    const from = this.state;
    Object.assign(this, { state: to, updated: at, reason });
    return { alarm: this.name, from, to, at, reason, actions: this.actions(to) };
  }

  actions(state: AlarmState): string[] {
    if (!this.properties.boolean('ActionsEnabled', true)) return [];
    const property = { ALARM: 'AlarmActions', OK: 'OKActions', INSUFFICIENT_DATA: 'InsufficientDataActions' }[state];
    return this.properties.strings(property);
  }

  /** The newest last. */
  #data(now: number): Datum[] {
    const { watched } = this.#query;
    const periodMs = watched.period * 1000;
    const periods = this.properties.number('EvaluationPeriods');
    return Array.from({ length: periods }, (_, index) => {
      const until = now - (periods - 1 - index) * periodMs;
      return watched.datum(until - periodMs, until);
    });
  }

  #breaches(datum: Datum): boolean {
    if (datum === undefined) return this.properties.optionalString('TreatMissingData') === 'breaching';
    const operator = this.properties.string('ComparisonOperator');
    const compare = COMPARISONS[operator];
    if (!compare) throw new Error(`${this.name}: ${operator} is not part of the embedded CloudWatch`);
    return compare(datum, this.properties.number('Threshold'));
  }
}

interface AlarmOptions {
  readonly name: string;
  readonly arn: string;
  readonly properties: Fields;
  readonly now: number;
}

/** An alarm on one metric, as the query that it is short for. */
const single = (properties: Fields): Fields =>
  new Fields(
    {
      Id: 'm1',
      MetricStat: {
        Metric: {
          Namespace: properties.string('Namespace'),
          MetricName: properties.string('MetricName'),
          Dimensions: properties.list('Dimensions'),
        },
        Period: properties.number('Period'),
        Stat: properties.optionalString('Statistic') ?? properties.string('ExtendedStatistic'),
      },
    },
    'alarm',
  );
