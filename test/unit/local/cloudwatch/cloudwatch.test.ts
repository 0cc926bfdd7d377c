import { describe, expect, test } from 'vitest';
import { MetricAlarm } from '../../../../local/cloudwatch/alarm.ts';
import { putEmf } from '../../../../local/cloudwatch/emf.ts';
import { type Datum, parseExpression } from '../../../../local/cloudwatch/expression.ts';
import { type MetricId, MetricStore, statistic } from '../../../../local/cloudwatch/metric-store.ts';
import { Fields } from '../../../../local/fields.ts';

const MINUTE = 60_000;
const metric: MetricId = { namespace: 'N', name: 'm', dimensions: { a: '1' } };

describe('metric math', () => {
  const values: Record<string, Datum> = { a: 6, b: 2, none: undefined };
  const result = (text: string) => parseExpression(text)({ value: (id) => values[id], period: () => 300 });

  test.each([
    ['a + b * 2', 10],
    ['(a + b) * 2', 16],
    ['a / b - 1', 2],
    ['IF(a >= 6 AND b == 2, 100 * a / (a + b), 0)', 75],
    ['IF(a < 6 OR b != 2, 1)', undefined],
    ['FILL(none, 0) + a', 6],
    ['a + none', undefined],
    ['IF(none > 1, 1, 0)', undefined],
    ['a / FILL(none, 0)', undefined],
    ['a / PERIOD(a)', 0.02],
  ])('%s is %s', (text, expected) => expect(result(text)).toBe(expected));

  test.each(['a +', 'a b', 'ANOMALY_DETECTION_BAND(a)', '(a', 'a ; b'])(
    'does not take %s for something else',
    (text) => {
      expect(() => parseExpression(text)).toThrow(text);
    },
  );
});

describe('metrics', () => {
  test('of a line in the embedded metric format are put for each of its dimension sets', () => {
    const store = new MetricStore();
    const _aws = {
      Timestamp: 5 * MINUTE + 1,
      CloudWatchMetrics: [{ Namespace: 'N', Dimensions: [['a'], []], Metrics: [{ Name: 'm' }, { Name: 'n' }] }],
    };
    putEmf(store, JSON.stringify({ _aws, a: '1', m: [3, 1, 2], n: 7 }));
    expect(store.values(metric, 5 * MINUTE, 6 * MINUTE)).toEqual([3, 1, 2]);
    expect(store.values({ ...metric, dimensions: {} }, 0, 24 * 60 * MINUTE)).toEqual([3, 1, 2]);
    expect(store.values(metric, 6 * MINUTE, 7 * MINUTE)).toEqual([]);
    expect(store.list()).toHaveLength(4);
  });

  test('have the statistics that CloudWatch has', () => {
    const values = [5, 1, 4, 2, 3];
    const all = ['Sum', 'Average', 'Minimum', 'Maximum', 'SampleCount', 'p50', 'p99'];
    expect(all.map((name) => statistic(name, values))).toEqual([15, 3, 1, 5, 5, 3, 5]);
    expect(all.map((name) => statistic(name, []))).toEqual(all.map(() => undefined));
    expect(() => statistic('tm99', values)).toThrow('tm99');
  });
});

describe('an alarm', () => {
  const store = () => new MetricStore();
  const alarm = (metrics: MetricStore, more: object) =>
    new MetricAlarm(metrics, {
      name: 'alarm',
      arn: 'arn',
      now: 0,
      properties: new Fields(
        {
          Namespace: 'N',
          MetricName: 'm',
          Dimensions: [{ Name: 'a', Value: '1' }],
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 2,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanOrEqualToThreshold',
          AlarmActions: ['topic'],
          ...more,
        },
        'alarm',
      ),
    });

  test('goes on when all of its periods breach, and tells whom it has to tell', () => {
    const metrics = store();
    const watched = alarm(metrics, { TreatMissingData: 'notBreaching' });
    metrics.put(metric, 0, [1]);
    expect(watched.evaluate(MINUTE)).toMatchObject({ to: 'OK', actions: [] });
    metrics.put(metric, MINUTE, [1]);
    expect(watched.evaluate(2 * MINUTE)).toMatchObject({ from: 'OK', to: 'ALARM', actions: ['topic'] });
    expect(watched.evaluate(2 * MINUTE)).toBeUndefined();
    expect(watched.evaluate(3 * MINUTE)).toMatchObject({ from: 'ALARM', to: 'OK' });
  });

  test('goes on when some of its periods breach, if some are enough', () => {
    const metrics = store();
    metrics.put(metric, 0, [1]);
    const watched = alarm(metrics, { DatapointsToAlarm: 1, TreatMissingData: 'notBreaching' });
    expect(watched.evaluate(2 * MINUTE)).toMatchObject({ to: 'ALARM' });
  });

  test.each([
    ['breaching', 'ALARM'],
    ['notBreaching', 'OK'],
    ['missing', 'INSUFFICIENT_DATA'],
    ['ignore', 'INSUFFICIENT_DATA'],
  ])('without data, where that is %s, is %s', (TreatMissingData, state) => {
    const watched = alarm(store(), { TreatMissingData });
    watched.evaluate(2 * MINUTE);
    expect(watched.state).toBe(state);
  });
});
