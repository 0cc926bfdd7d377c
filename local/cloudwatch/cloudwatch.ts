import { AwsError } from '../aws-error.ts';
import type { Clock } from '../clock.ts';
import { Fields } from '../fields.ts';
import { MetricAlarm, type Transition } from './alarm.ts';
import { putEmf } from './emf.ts';
import { MetricStore, MINUTE_MS } from './metric-store.ts';
import { metricId, Query } from './query.ts';
import { Sampler } from './sampler.ts';

export interface CloudWatchOptions {
  readonly clock: Clock;
  readonly sampled: ConstructorParameters<typeof Sampler>[1];
  readonly alarms: readonly { readonly name: string; readonly arn: string; readonly properties: Fields }[];
  readonly dashboards: ReadonlyMap<string, string>;
}

/** CloudWatch as far as the templates use it: metrics of EMF lines, queues and functions, and alarms on them. */
export class CloudWatch {
  readonly transitions: Transition[] = [];
  readonly #clock: Clock;
  readonly #store = new MetricStore();
  readonly #sampler: Sampler;
  readonly #alarms: readonly MetricAlarm[];
  readonly #dashboards: ReadonlyMap<string, string>;

  constructor({ clock, sampled, alarms, dashboards }: CloudWatchOptions) {
    this.#clock = clock;
    this.#sampler = new Sampler(this.#store, sampled);
    this.#alarms = alarms.map((alarm) => new MetricAlarm(this.#store, { ...alarm, now: clock.now() }));
    this.#dashboards = dashboards;
    this.#everyMinute();
  }

  /** A line of a function with metrics. */
  emf(line: string): void {
    putEmf(this.#store, line);
  }

  async handle(operation: string, input: unknown): Promise<unknown> {
    const fields = new Fields(input, operation, (message) => new AwsError('InvalidParameterValue', message));
    const run = this.#operations[operation];
    if (!run) throw new AwsError('UnknownOperationException', `${operation} is not part of the embedded CloudWatch`);
    return run(fields);
  }

  #everyMinute(): void {
    const now = this.#clock.now();
    const next = (Math.floor(now / MINUTE_MS) + 1) * MINUTE_MS;
    this.#clock.setTimeout(() => {
      this.#sampler.sample(next);
      for (const alarm of this.#alarms) this.#record(alarm.evaluate(next));
      this.#everyMinute();
    }, next - now);
  }

  #record(transition: Transition | undefined): void {
    if (transition) this.transitions.push(transition);
  }

  readonly #operations: Readonly<Record<string, (fields: Fields) => unknown>> = {
    DescribeAlarms: (fields) => {
      const names = new Set(fields.strings('AlarmNames'));
      const prefix = fields.optionalString('AlarmNamePrefix') ?? '';
      const state = fields.optionalString('StateValue');
      const chosen = this.#alarms.filter(
        (alarm) =>
          (names.size === 0 || names.has(alarm.name)) &&
          alarm.name.startsWith(prefix) &&
          (state === undefined || alarm.state === state),
      );
      return { MetricAlarms: chosen.map(describe), CompositeAlarms: [] };
    },
    DescribeAlarmHistory: (fields) => {
      const name = fields.optionalString('AlarmName');
      const chosen = this.transitions.filter(({ alarm }) => name === undefined || alarm === name);
      return { AlarmHistoryItems: chosen.toReversed().flatMap(historyOf) };
    },
    SetAlarmState: (fields) => {
      const name = fields.string('AlarmName');
      const alarm = this.#alarms.find((candidate) => candidate.name === name);
      if (!alarm) throw new AwsError('ResourceNotFound', `There is no alarm ${name}`, 404);
      const state = fields.string('StateValue');
      if (state !== 'OK' && state !== 'ALARM' && state !== 'INSUFFICIENT_DATA')
        throw new AwsError('InvalidParameterValue', `${state} is no state of an alarm`);
      this.#record(alarm.change(state, this.#clock.now(), fields.string('StateReason')));
      return {};
    },
    ListMetrics: (fields) => {
      const [namespace, name] = [fields.optionalString('Namespace'), fields.optionalString('MetricName')];
      const chosen = this.#store
        .list()
        .filter((id) => (namespace ?? id.namespace) === id.namespace && (name ?? id.name) === id.name);
      return {
        Metrics: chosen.map((id) => ({
          Namespace: id.namespace,
          MetricName: id.name,
          Dimensions: Object.entries(id.dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
      };
    },
    GetMetricData: (fields) => {
      const query = new Query(this.#store, fields.listOfFields('MetricDataQueries'));
      const [from, until] = [fields.number('StartTime') * 1000, fields.number('EndTime') * 1000];
      const results = query.sources.filter(({ returned }) => returned);
      return {
        MetricDataResults: results.map(({ id, label, period, datum }) => {
          const data = points(from, until, period).flatMap((at) => {
            const value = datum(at, at + period * 1000);
            return value === undefined ? [] : [{ at: at / 1000, value }];
          });
          const newestFirst = fields.optionalString('ScanBy') === 'TimestampAscending' ? data : data.toReversed();
          return {
            Id: id,
            Label: label,
            Timestamps: newestFirst.map(({ at }) => at),
            Values: newestFirst.map(({ value }) => value),
            StatusCode: 'Complete',
          };
        }),
      };
    },
    PutMetricData: (fields) => {
      const Namespace = fields.string('Namespace');
      for (const datum of fields.listOfFields('MetricData')) {
        const id = metricId(new Fields({ ...datum.values, Namespace }, 'MetricData'));
        const values = datum.has('Values') ? datum.list('Values').map(Number) : [datum.number('Value')];
        this.#store.put(id, datum.number('Timestamp', this.#clock.now() / 1000) * 1000, values);
      }
      return {};
    },
    ListDashboards: () => ({
      DashboardEntries: [...this.#dashboards].map(([DashboardName, body]) => ({ DashboardName, Size: body.length })),
    }),
    GetDashboard: (fields) => {
      const DashboardName = fields.string('DashboardName');
      const DashboardBody = this.#dashboards.get(DashboardName);
      if (DashboardBody === undefined)
        throw new AwsError('ResourceNotFound', `There is no dashboard ${DashboardName}`, 404);
      return { DashboardName, DashboardBody };
    },
  };
}

/** Beginnings of the periods that touch the range, aligned as CloudWatch aligns them. */
function points(from: number, until: number, period: number): number[] {
  const ms = period * 1000;
  const first = Math.floor(from / ms) * ms;
  return Array.from({ length: Math.max(0, Math.ceil((until - first) / ms)) }, (_, index) => first + index * ms);
}

const describe = (alarm: MetricAlarm) => ({
  AlarmName: alarm.name,
  AlarmArn: alarm.arn,
  StateValue: alarm.state,
  StateReason: alarm.reason,
  StateUpdatedTimestamp: alarm.updated / 1000,
  ...alarm.properties.values,
});

/** The change, and each action that it would have taken. */
const historyOf = ({ alarm, from, to, at, reason, actions }: Transition) => [
  ...actions.map((action) => ({
    AlarmName: alarm,
    Timestamp: at / 1000,
    HistoryItemType: 'Action',
    HistorySummary: `Successfully executed action ${action}`,
  })),
  {
    AlarmName: alarm,
    Timestamp: at / 1000,
    HistoryItemType: 'StateUpdate',
    HistorySummary: `Alarm updated from ${from} to ${to}`,
    HistoryData: JSON.stringify({ reason }),
  },
];
