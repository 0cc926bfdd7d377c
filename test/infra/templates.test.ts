import { globSync } from 'node:fs';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { routes } from '../../functions/api/routes.ts';
import { resourcesOf, synthesize, warningsOf } from './templates.ts';

const templates = synthesize();
const { registry, ledger, ingest, delivery, sources, api } = templates;
const DAYS = 24 * 3600;

describe('the tables', () => {
  it('are on demand and encrypted with keys of ours that rotate', () => {
    const tables = resourcesOf(templates, 'AWS::DynamoDB::Table');
    expect(tables).toHaveLength(2);
    for (const [, { Properties }] of tables) {
      expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
      expect(Properties.SSESpecification).toMatchObject({ SSEEnabled: true, SSEType: 'KMS' });
      expect(Properties.SSESpecification.KMSMasterKeyId['Fn::GetAtt']).toBeDefined();
    }
    for (const [, { Properties }] of resourcesOf(templates, 'AWS::KMS::Key'))
      expect(Properties.EnableKeyRotation).toBe(true);
  });

  it('keep the Registry: restorable to any second, protected, and left when the stack goes', () => {
    registry?.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
        TimeToLiveSpecification: Match.absent(),
      },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
    const keys = Object.values(registry?.findResources('AWS::KMS::Key') ?? {});
    expect(keys).toHaveLength(2);
    for (const { DeletionPolicy } of keys) expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    registry?.hasResource('AWS::SecretsManager::Secret', { DeletionPolicy: 'RetainExceptOnCreate' });
  });

  it('let every item of the Ledger expire', () => {
    ledger?.hasResourceProperties('AWS::DynamoDB::Table', {
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      GlobalSecondaryIndexes: [
        Match.objectLike({ IndexName: 'undelivered', Projection: { ProjectionType: 'KEYS_ONLY' } }),
      ],
    });
  });
});

describe('the queues', () => {
  const queues = resourcesOf(templates, 'AWS::SQS::Queue');
  const mappings = resourcesOf(templates, 'AWS::Lambda::EventSourceMapping');
  const functions = new Map(resourcesOf(templates, 'AWS::Lambda::Function'));

  it('keep messages for fourteen days, encrypted, by TLS alone', () => {
    expect(queues.length).toBeGreaterThanOrEqual(9);
    for (const [, { Properties }] of queues) {
      expect(Properties.MessageRetentionPeriod).toBe(14 * DAYS);
      expect(Properties.SqsManagedSseEnabled).toBe(true);
    }
    const policies = resourcesOf(templates, 'AWS::SQS::QueuePolicy');
    expect(policies).toHaveLength(queues.length);
    for (const [, { Properties }] of policies)
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
  });

  it('have dead-letter queues of their own, after twenty receives', () => {
    const redriven = queues.filter(([, { Properties }]) => Properties.RedrivePolicy);
    const targets = redriven.map(([, { Properties }]) => Properties.RedrivePolicy.deadLetterTargetArn['Fn::GetAtt'][0]);
    expect(redriven.length).toBeGreaterThanOrEqual(4);
    expect(new Set(targets).size).toBe(redriven.length);
    for (const [, { Properties }] of redriven) expect(Properties.RedrivePolicy.maxReceiveCount).toBe(20);
  });

  it('hide a message for at least six times the time-out of the function that works on it', () => {
    // Every queue has a function, dead letters included, but those of the tracker: its next round does their work.
    expect(mappings).toHaveLength(queues.length - 1);
    const byLogicalId = new Map(queues);
    for (const [, { Properties }] of mappings) {
      const queue = byLogicalId.get(
        queueOf(
          Properties.EventSourceArn,
          queues.map(([id]) => id),
        ),
      );
      const fn = functions.get(Properties.FunctionName.Ref);
      expect(queue?.Properties.VisibilityTimeout).toBeGreaterThanOrEqual(6 * fn?.Properties.Timeout);
    }
  });

  it('take partial batch failures, so that one bad message does not bring back the good ones', () => {
    for (const [, { Properties }] of mappings)
      expect(Properties.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  it('hand over up to twenty deliveries, as many as PutPartnerEvents takes, to a bounded number of functions', () => {
    delivery?.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 20,
      MaximumBatchingWindowInSeconds: 1,
      ScalingConfig: { MaximumConcurrency: 100 },
    });
  });
});

/** A queue's ARN is a GetAtt in its own stack and an import, whose name holds the logical id, in another. */
function queueOf(arn: { 'Fn::GetAtt'?: string[]; 'Fn::ImportValue'?: string }, ids: string[]): string {
  const local = arn['Fn::GetAtt']?.[0];
  return local ?? ids.find((id) => arn['Fn::ImportValue']?.includes(id)) ?? '';
}

describe('the functions', () => {
  const functions = resourcesOf(templates, 'AWS::Lambda::Function');

  it('are one for each folder, on nodejs24.x and arm64, and end before whatever waits for them', () => {
    const folders = globSync('functions/*/handler.ts').map((file) => file.split('/')[1]);
    const names = functions.map(([, { Properties }]) => Properties.Environment.Variables.POWERTOOLS_SERVICE_NAME);
    expect(names.toSorted()).toEqual(folders.toSorted());
    for (const [, { Properties }] of functions) {
      expect(Properties.Runtime).toBe('nodejs24.x');
      expect(Properties.Architectures).toEqual(['arm64']);
    }
    const timeout = api?.findResources('AWS::Lambda::Function');
    const [apiFunction] = Object.values(timeout ?? {});
    expect(apiFunction?.Properties.Timeout).toBeLessThan(29);
    api?.hasResourceProperties('AWS::ApiGateway::Method', { Integration: { TimeoutInMillis: 29_000 } });
  });

  it('that send to their own queues are not stopped as a runaway loop', () => {
    const allowed = functions.filter(([, { Properties }]) => Properties.RecursiveLoop === 'Allow').map(([id]) => id);
    expect(allowed.map((id) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'DeliverEventBridge',
      'DeliverWebhook',
      'Reconcile',
      'Release',
      'ReturnDeadLetters',
    ]);
  });

  it('log for a month, each to a group of its own', () => {
    for (const [, { Properties }] of resourcesOf(templates, 'AWS::Logs::LogGroup'))
      expect(Properties.RetentionInDays).toBe(30);
    for (const [, { Properties }] of functions) expect(Properties.LoggingConfig.LogGroup.Ref).toBeDefined();
  });
});

describe('webhooks', () => {
  it('go by two queues with mappings of their own, so that slow destinations never take more than their share', () => {
    const fn = Object.entries(delivery?.findResources('AWS::Lambda::Function') ?? {}).find(([id]) =>
      id.startsWith('DeliverWebhook'),
    );
    const mappings = Object.values(delivery?.findResources('AWS::Lambda::EventSourceMapping') ?? {}).filter(
      ({ Properties }) => Properties.FunctionName.Ref === fn?.[0],
    );
    const shares = mappings.map(({ Properties }) => [
      Properties.EventSourceArn['Fn::GetAtt'][0].replace(/Queue[0-9A-F]{8}$/, ''),
      Properties.ScalingConfig.MaximumConcurrency,
    ]);
    expect(shares.toSorted()).toEqual([
      ['DeliveriesWebhook', 200],
      ['SlowWebhook', 50],
    ]);
  });

  it('never go to private addresses unless the deployment says so, with a warning', () => {
    const settingsOf = (stacks: typeof templates) =>
      resourcesOf(stacks, 'AWS::Lambda::Function').map(
        ([, { Properties }]) => Properties.Environment.Variables.ALLOW_PRIVATE_WEBHOOK_TARGETS,
      );
    expect(new Set(settingsOf(templates))).toEqual(new Set([undefined, 'off']));
    const context = { allowPrivateWebhookTargets: 'loopback' };
    expect(new Set(settingsOf(synthesize(context)))).toEqual(new Set([undefined, 'loopback']));
    expect(warningsOf()).toEqual([]);
    expect(warningsOf(context)).toEqual([expect.stringContaining('Webhooks may be sent to private addresses')]);
  });

  it('come from static addresses where the deployment asks for them, which stay when the stack goes', () => {
    const { delivery: nat } = synthesize({ webhookEgress: 'nat' });
    const addresses = Object.entries(nat?.findResources('AWS::EC2::EIP') ?? {});
    expect(addresses).toHaveLength(2);
    for (const [, { DeletionPolicy }] of addresses) expect(DeletionPolicy).toBe('Retain');
    const gateways = Object.values(nat?.findResources('AWS::EC2::NatGateway') ?? {});
    expect(gateways.map(({ Properties }) => Properties.AllocationId['Fn::GetAtt'][0]).sort()).toEqual(
      addresses.map(([id]) => id).sort(),
    );
    const inNetwork = resourcesOf({ nat: nat ?? Template.fromString('{}') }, 'AWS::Lambda::Function').filter(
      ([, { Properties }]) => Properties.VpcConfig,
    );
    expect(inNetwork.map(([id]) => id)).toEqual([expect.stringMatching(/^DeliverWebhook/)]);
    nat?.hasResourceProperties('AWS::EC2::VPCEndpoint', { VpcEndpointType: 'Gateway' });
    const [output] = Object.values(nat?.findOutputs('WebhookEgressAddresses') ?? {});
    for (const [id] of addresses) expect(JSON.stringify(output?.Value)).toContain(id);
    expect(resourcesOf(templates, 'AWS::EC2::VPC')).toEqual([]);
  });

  it('end before their function does: ten seconds of beginnings, fifteen of the longest time-out, and room to record', () => {
    delivery?.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 40,
      Environment: { Variables: Match.objectLike({ WEBHOOK_TIMEOUT_SECONDS: '10' }) },
    });
    expect(() => warningsOf({ webhookTimeoutSeconds: 16 })).toThrow('webhookTimeoutSeconds');
  });
});

describe('the API', () => {
  it('has a method for every route and for openapi.json, and a catch-all for what is none', () => {
    const methods = Object.values(api?.findResources('AWS::ApiGateway::Method') ?? {});
    const named = methods.filter(({ Properties }) => Properties.HttpMethod !== 'ANY');
    expect(named).toHaveLength(routes.length + 1);
    expect(methods.filter(({ Properties }) => Properties.HttpMethod === 'ANY')).toHaveLength(2);
  });

  it('is at the root of its own domain, and only there, when it has one', () => {
    const certificateArn = 'arn:aws:acm:us-east-1:111111111111:certificate/1';
    const { api: named } = synthesize({ domainName: 'api.example.com', certificateArn });
    named?.hasResourceProperties('AWS::ApiGateway::DomainName', {
      DomainName: 'api.example.com',
      SecurityPolicy: 'TLS_1_2',
    });
    named?.hasResourceProperties('AWS::ApiGateway::BasePathMapping', { BasePath: Match.absent() });
    named?.hasResourceProperties('AWS::ApiGateway::RestApi', { DisableExecuteApiEndpoint: true });
  });

  it('answers its own errors in the envelope, with a request id', () => {
    const responses = Object.values(api?.findResources('AWS::ApiGateway::GatewayResponse') ?? {});
    expect(responses.map(({ Properties }) => Properties.ResponseType)).toEqual(
      expect.arrayContaining(['DEFAULT_4XX', 'DEFAULT_5XX', 'THROTTLED', 'REQUEST_TOO_LARGE']),
    );
    for (const { Properties } of responses) {
      const { error } = JSON.parse(Properties.ResponseTemplates['application/json']);
      expect(error).toEqual({ type: expect.any(String), code: expect.any(String), message: expect.any(String) });
      expect(Properties.ResponseParameters['gatewayresponse.header.Request-Id']).toBe('context.requestId');
    }
  });
});

describe('the ingest bus', () => {
  it('sends every event on with the id and the time that it came in with', () => {
    ingest?.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: { source: [{ prefix: '' }] },
      Targets: [
        Match.objectLike({
          InputTransformer: {
            InputPathsMap: { id: '$.id', 'detail-type': '$.detail-type', detail: '$.detail' },
            InputTemplate:
              '{"id":<id>,"time":"<aws.events.event.ingestion-time>","detail-type":<detail-type>,"detail":<detail>}',
          },
          DeadLetterConfig: { Arn: Match.anyValue() },
        }),
      ],
    });
  });

  it('admits this account, and whom the context names', () => {
    const { ingest: opened } = synthesize({ publishers: '222222222222,arn:aws:iam::333333333333:role/orders' });
    const [policy] = Object.values(opened?.findResources('AWS::Events::EventBusPolicy') ?? {});
    const { Action, Principal } = policy?.Properties.Statement ?? {};
    expect(Action).toBe('events:PutEvents');
    expect(JSON.stringify(Principal)).toContain('arn:aws:iam::333333333333:role/orders');
    expect(JSON.stringify(Principal)).toContain('iam::222222222222:root');
    const queuePolicies = JSON.stringify(opened?.findResources('AWS::SQS::QueuePolicy'));
    expect(queuePolicies).toContain('222222222222');
  });
});

describe('the tracker', () => {
  it('runs every minute, and one Region at a time', () => {
    sources?.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
    sources?.hasResourceProperties('AWS::Lambda::EventSourceMapping', { BatchSize: 1 });
    delivery?.resourcePropertiesCountIs('AWS::SQS::Queue', { FifoQueue: true }, 2);
  });
});
