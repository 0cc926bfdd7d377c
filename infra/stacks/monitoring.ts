import { type App, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { Alarm, Dashboard, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Config } from '../config.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { type AlarmRow, alarmTable } from '../monitoring/alarms.ts';
import { depth, overview } from '../monitoring/dashboards.ts';
import { ServiceMetrics } from '../monitoring/metrics.ts';
import { findWatched } from '../monitoring/watched.ts';
import type { ApiStack } from './api.ts';

export interface MonitoringStackProps extends StackProps {
  readonly config: Config;
  readonly app: App;
  readonly api: ApiStack;
}

/** Where the runbooks are. */
const RUNBOOKS = 'docs/operations.md';

/**
 * Alarms, and two dashboards, of everything in the app. It names what it watches by references that hold nothing, so that
 * any other stack can change, or go, without it.
 */
export class MonitoringStack extends Stack {
  constructor(scope: App, id: string, { config, app, api, ...props }: MonitoringStackProps) {
    super(scope, id, props);
    const prefix = `event-destinations-${config.stage}`;
    const metrics = new ServiceMetrics(findWatched(app, `${prefix}-`), config.stage);
    const action = new SnsAction(this.#topic(config));
    const alarms = alarmTable(metrics).flatMap((row) => this.#alarms(row, prefix));
    for (const alarm of alarms) {
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
    const logs = {
      accessLogs: api.accessLogs.logGroupName,
      functionLogs: app.node
        .findAll()
        .flatMap((construct) => (construct instanceof ServiceFunction ? [construct.logGroup.logGroupName] : [])),
    };
    new Dashboard(this, 'Overview', { dashboardName: prefix }).addWidgets(...overview(metrics, alarms));
    new Dashboard(this, 'Depth', { dashboardName: `${prefix}-depth` }).addWidgets(...depth(metrics, logs));
  }

  #alarms({ name, says, metric, when, threshold, periods, missing }: AlarmRow, prefix: string): Alarm[] {
    const make = (suffix: string, of: IMetric) =>
      new Alarm(this, `${name}${suffix}`, {
        alarmName: `${prefix}-${name}${suffix}`,
        alarmDescription: `${says}. Runbook: ${RUNBOOKS}#${name}`,
        metric: of,
        threshold,
        comparisonOperator: when,
        evaluationPeriods: periods,
        treatMissingData: missing,
      });
    return 'length' in metric ? metric.map((one) => make(`-${one.of.label}`, one.metric)) : [make('', metric)];
  }

  /** Where alarms go. Encrypted with a key of ours, because CloudWatch may not use the one that SNS has. */
  #topic({ alarmEmail, stage }: Config): Topic {
    const key = new Key(this, 'Key', {
      description: 'Encrypts alarms on their way',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.grantEncryptDecrypt(new ServicePrincipal('cloudwatch.amazonaws.com'));
    const topic = new Topic(this, 'Alarms', {
      topicName: `event-destinations-${stage}-alarms`,
      displayName: `Event destinations (${stage})`,
      masterKey: key,
      enforceSSL: true,
    });
    // A policy, as TLS alone asks for one, takes the place of SNS's own, by which everybody of this account may publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'PublishAlarms',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: {
          StringEquals: { 'aws:SourceAccount': this.account },
          ArnLike: { 'aws:SourceArn': `arn:${this.partition}:cloudwatch:${this.region}:${this.account}:alarm:*` },
        },
      }),
    );
    if (alarmEmail)
      Validations.of(topic.addSubscription(new EmailSubscription(alarmEmail))).acknowledge({
        id: 'Serverless-SNSRedrivePolicy',
        reason: 'SNS has no dead letters of an email; the alarm stays on, and on the dashboard.',
      });
    return topic;
  }
}
