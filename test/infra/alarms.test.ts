import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COUNTS, DURATIONS, GAUGES, NAMESPACE } from '../../shared/metrics.ts';
import { readable, synthesizedResources } from './cdk-out.ts';

const alarms = synthesizedResources('AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
const dashboards = new Map(
  synthesizedResources('AWS::CloudWatch::Dashboard').map(([, { Properties }]) => [
    String(Properties.DashboardName),
    JSON.parse(readable(Properties.DashboardBody)) as { widgets: Widget[] },
  ]),
);

interface Widget {
  readonly type: 'metric' | 'alarm' | 'log' | 'text';
  readonly properties: {
    readonly title?: string;
    readonly markdown?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly string[];
    readonly query?: string;
  };
}

/** Headings of the operator's manual, as the anchors that a browser jumps to. */
const anchors = new Set(
  readFileSync('docs/operations.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('#'))
    .map((line) =>
      line
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
);

describe('the alarms', () => {
  it('name the section of their runbook, which is there', () => {
    expect(alarms.length).toBeGreaterThan(40);
    for (const { AlarmName, AlarmDescription } of alarms) {
      const [, anchor] = /Runbook: docs\/operations\.md#(.+)$/.exec(AlarmDescription) ?? [];
      expect(anchors, AlarmName).toContain(anchor);
    }
  });

  it('tell somebody when they begin and when they end, by an encrypted topic that speaks TLS alone', () => {
    for (const { AlarmActions, OKActions } of alarms) {
      expect(AlarmActions.map(readable)).toEqual(['Alarms']);
      expect(OKActions.map(readable)).toEqual(['Alarms']);
    }
    const [topic] = synthesizedResources('AWS::SNS::Topic');
    expect(topic?.[1].Properties.KmsMasterKeyId).toBeDefined();
    const [policy] = synthesizedResources('AWS::SNS::TopicPolicy');
    expect(policy?.[1].Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  it('may publish to their topic, which has no default policy beside its own, and use its key', () => {
    const [topic] = synthesizedResources('AWS::SNS::Topic');
    const [policy] = synthesizedResources('AWS::SNS::TopicPolicy');
    expect(policy?.[1].Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: topic?.[0] },
      }),
    );
    const [keyId] = topic?.[1].Properties.KmsMasterKeyId['Fn::GetAtt'] ?? [];
    const key = synthesizedResources('AWS::KMS::Key').find(
      ([id, { Properties }]) => id === keyId && Properties.Description === 'Encrypts alarms on their way',
    );
    expect(key?.[1].Properties.KeyPolicy.Statement).toContainEqual(
      expect.objectContaining({
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: expect.arrayContaining(['kms:Decrypt', 'kms:GenerateDataKey*']),
      }),
    );
  });

  it('say what missing data means, and are at most a week wide', () => {
    for (const { AlarmName, TreatMissingData, EvaluationPeriods, Period, Metrics = [] } of alarms) {
      expect(['breaching', 'notBreaching'], AlarmName).toContain(TreatMissingData);
      const periods = Metrics.map((metric: { MetricStat?: { Period: number } }) => metric.MetricStat?.Period ?? 0);
      expect(EvaluationPeriods * Math.max(Period ?? 0, ...periods)).toBeLessThanOrEqual(7 * 24 * 3600);
    }
  });

  it('watch every queue, dead-letter queue, function and table', () => {
    const names = alarms.map(({ AlarmName }) => AlarmName.replace('event-destinations-dev-', ''));
    const labels = synthesizedResources('AWS::SQS::Queue').map(([, { Properties }]) =>
      Properties.QueueName.replace('event-destinations-dev-', '').replace('.fifo', ''),
    );
    for (const label of labels)
      expect(names).toContain(label.endsWith('dead-letters') ? `dead-letters-${label}` : `queue-waiting-${label}`);
    for (const folder of globSync('functions/*/handler.ts').map((file) => file.split('/')[1]))
      expect(names).toEqual(expect.arrayContaining([`function-failing-${folder}`, `function-throttled-${folder}`]));
    expect(names).toEqual(expect.arrayContaining(['table-throttled-ledger', 'table-throttled-registry']));
  });
});

describe('the dashboards', () => {
  it('show this, widget by widget', async () => {
    const shown = [...dashboards].map(([name, { widgets }]) => `${name}\n\n${widgets.map(described).join('\n')}`);
    await expect(`${shown.join('\n\n')}\n`).toMatchFileSnapshot('dashboards.txt');
  });

  it('have no empty widget', () => {
    expect([...dashboards.keys()]).toEqual(['event-destinations-dev', 'event-destinations-dev-depth']);
    for (const { widgets } of dashboards.values())
      for (const { type, properties } of widgets) {
        const content = [
          ...(properties.metrics ?? []),
          ...(properties.alarms ?? []),
          properties.query,
          properties.markdown,
        ];
        expect(content.filter(Boolean).length, `${type} ${properties.title}`).toBeGreaterThan(0);
      }
  });

  it('show each metric that the functions write, and none that nobody writes', () => {
    const declared = Object.keys({ ...COUNTS, ...GAUGES, ...DURATIONS });
    const rows = [...dashboards.values()].flatMap(({ widgets }) =>
      widgets.flatMap(({ properties }) => properties.metrics ?? []),
    );
    const shown = rows.filter(([namespace]) => namespace === NAMESPACE).map(([, name]) => String(name));
    expect([...new Set(shown)].sort()).toEqual(declared.toSorted());
    const source = globSync(['functions/**/*.ts', 'shared/**/*.ts'])
      .filter((file) => !file.endsWith('shared/metrics.ts'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    // `dead_letter_` and `source_` are completed by an outcome and a cause, which are literals of their types.
    for (const name of declared)
      expect(source, name).toMatch(new RegExp(`\\b${name.replace(/^(dead_letter|source)_/, '($1_)?')}\\b`));
  });

  it('have the namespace and the one dimension that the functions write', () => {
    const rows = [...dashboards.values()].flatMap(({ widgets }) =>
      widgets.flatMap(({ properties }) => properties.metrics ?? []),
    );
    for (const [namespace, , dimension, value] of rows)
      if (namespace === NAMESPACE) expect([dimension, value]).toEqual(['service', 'event-destinations-dev']);
    for (const [, { Properties }] of synthesizedResources('AWS::Lambda::Function'))
      expect(Properties.Environment.Variables.METRICS_SERVICE).toBe('event-destinations-dev');
  });
});

/** One line for each widget, and one for each kind of thing in it: which queues and functions there are is tested above. */
function described({ type, properties }: Widget): string {
  const { title, markdown, metrics = [], alarms: shown = [], query } = properties;
  const lines = [
    ...metrics.map(describedMetric),
    ...(shown.length === alarms.length ? ['every alarm'] : shown),
    ...(query ? query.replace(/SOURCE '[^']*' \| /g, '').split('\n') : []),
  ];
  return [`[${type}] ${title ?? markdown}`, ...[...new Set(lines)].map((line) => `    ${line}`)].join('\n');
}

function describedMetric(row: readonly unknown[]): string {
  const options = row.at(-1);
  const { expression, label, stat, visible } = (typeof options === 'object' ? options : {}) as Record<string, unknown>;
  if (expression) {
    const general = String(expression).replace(/\b(visible|hidden|deleted)_\w+/g, '$1');
    return `${general === expression ? label : '<queue>'} = ${general}`;
  }
  const names = row.filter((part) => typeof part === 'string').join(' ');
  const general = names.replace(
    /(QueueName|FunctionName|TableName) \S+/,
    (_, dimension: string) => `each ${dimension}`,
  );
  return `${general}${stat ? ` ${stat}` : ''}${visible === false ? ' (hidden)' : ''}`;
}
