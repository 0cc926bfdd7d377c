import { describe, expect, it } from 'vitest';
import { readable, synthesizedResources } from './cdk-out.ts';

const propertiesOf = (type: string) => synthesizedResources(type).map(([, { Properties }]) => Properties);

describe('what is logged', () => {
  it('is kept for thirty days, in every log group, those that AWS would make by itself included', () => {
    const groups = propertiesOf('AWS::Logs::LogGroup');
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(30);
    const functions = propertiesOf('AWS::Lambda::Function');
    // Each function's, the API's access log and its execution log, and the state machine's.
    expect(groups).toHaveLength(functions.length + 3);
    expect(groups.map(({ LogGroupName }) => readable(LogGroupName))).toContain(
      'API-Gateway-Execution-Logs_RestApi/dev',
    );
  });

  it('of a request is its route, status, time, size and sender: no query, header, body or key', () => {
    const [stage] = propertiesOf('AWS::ApiGateway::Stage');
    const format: Record<string, string> = JSON.parse(stage.AccessLogSetting.Format);
    expect(format).toEqual({
      requestId: '$context.requestId',
      time: '$context.requestTimeEpoch',
      ip: '$context.identity.sourceIp',
      method: '$context.httpMethod',
      route: '$context.resourcePath',
      status: '$context.status',
      gatewayError: '$context.error.responseType',
      latencyMs: '$context.responseLatency',
      functionMs: '$context.integrationLatency',
      responseBytes: '$context.responseLength',
      traceId: '$context.xrayTraceId',
    });
    for (const { DataTraceEnabled } of stage.MethodSettings) expect(DataTraceEnabled).toBe(false);
  });

  it('of a wake-up is its course, without its data', () => {
    const [machine] = propertiesOf('AWS::StepFunctions::StateMachine');
    expect(machine.LoggingConfiguration).toMatchObject({ Level: 'ALL', IncludeExecutionData: false });
    expect(machine.TracingConfiguration).toEqual({ Enabled: true });
  });
});

describe('what comes in', () => {
  it('is throttled for all routes together', () => {
    const [stage] = propertiesOf('AWS::ApiGateway::Stage');
    expect(stage.MethodSettings).toEqual([
      expect.objectContaining({
        HttpMethod: '*',
        ResourcePath: '/*',
        ThrottlingRateLimit: 2000,
        ThrottlingBurstLimit: 1000,
      }),
    ]);
  });

  it('is traced for one request in a thousand', () => {
    const [rule] = propertiesOf('AWS::XRay::SamplingRule');
    expect(rule.SamplingRule).toMatchObject({
      FixedRate: 0.001,
      ReservoirSize: 0,
      ServiceName: 'event-destinations-dev/dev',
      ServiceType: 'AWS::ApiGateway::Stage',
    });
  });

  it('comes by TLS alone: no queue or topic takes anything else', () => {
    const policies = [...propertiesOf('AWS::SQS::QueuePolicy'), ...propertiesOf('AWS::SNS::TopicPolicy')];
    const guarded = policies.filter(({ PolicyDocument }) =>
      PolicyDocument.Statement.some(
        ({ Effect, Condition }: { Effect: string; Condition?: { Bool?: Record<string, string> } }) =>
          Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false',
      ),
    );
    expect(guarded).toHaveLength(propertiesOf('AWS::SQS::Queue').length + propertiesOf('AWS::SNS::Topic').length);
  });
});
