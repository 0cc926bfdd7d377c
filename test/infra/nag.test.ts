import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { buildApp } from '../../infra/app.ts';
import { buildConsumerApp } from '../../infra/consumer/app.ts';
import { checkWithNag } from '../../infra/nag.ts';

interface Report {
  readonly pluginReports: readonly {
    readonly summary: { readonly pluginName: string };
    readonly violations: readonly { readonly ruleName: string }[];
  }[];
}

const newApp = (context: Record<string, string> = {}) =>
  new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [], ...context } });

/** What both packs find in the app, and nobody has acknowledged. */
async function findings(app: App): Promise<string[]> {
  await checkWithNag(app);
  // A finding makes the process fail when it ends; here it is the test that fails.
  const { exitCode } = process;
  try {
    app.synth();
  } catch (error) {
    if (!String(error).startsWith('ValidationFailed')) throw error;
  } finally {
    process.exitCode = exitCode;
  }
  const report: Report = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
  return report.pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
}

const templatesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.template.json'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]);

const app = buildApp(newApp());

describe('cdk-nag', () => {
  it('finds nothing that is not acknowledged, in the AwsSolutions and Serverless packs', async () => {
    expect(await findings(app)).toEqual([]);
  }, 300_000);

  it('finds nothing in what a deployment can have besides', async () => {
    const everything = {
      webhookEgress: 'nat',
      eventBridgeDelivery: 'partner,bus',
      publishers: '111122223333',
      alarmEmail: 'ops@example.com',
      domainName: 'api.example.com',
      certificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000',
    };
    expect(await findings(buildApp(newApp(everything)))).toEqual([]);
  }, 300_000);

  it.each([
    ['a partner event source', { eventSourceName: 'aws.partner/example.com/ed_1', targets: 'sqs,sns' }],
    [
      'an event bus',
      {
        eventSourceName: 'example.com/ed_1',
        publisherAccount: '111122223333',
        echoEndpoint: 'https://api.example.com/v2/core/event_destinations/ed_1/echo',
      },
    ],
  ])('finds nothing on the customer’s side of %s', async (_, context) => {
    expect(await findings(buildConsumerApp(newApp(context)))).toEqual([]);
  });

  it('would find it', async () => {
    const app = newApp();
    new Queue(new Stack(app, 'Careless'), 'Queue');
    expect(await findings(app)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('AwsSolutions-SQS3'),
        expect.stringContaining('Serverless-SQSRedrivePolicy'),
      ]),
    );
  });
});

describe('a synthesis', () => {
  it('is the same every time, so that cdk diff shows nothing of an unchanged tree', () => {
    const once = templatesIn(app.outdir);
    const again = templatesIn(buildApp(newApp()).synth().directory);
    expect(once).toHaveLength(8);
    expect(again).toEqual(once);
  }, 300_000);
});
