import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesize } from './templates.ts';

describe('the context', () => {
  it.each([
    [{ partner: 'example.com' }, 'must be aws.partner/<your domain>'],
    [{ partner: `aws.partner/${'x'.repeat(250)}` }, 'partner'],
    [{ stage: 'Prod!' }, 'must be 1 to 20 of a-z'],
    [{ retentionDays: 13 }, 'retentionDays'],
    [{ domainName: 'api.example.com' }, 'domainName and certificateArn go together'],
    [{ maxEventKib: 351 }, 'maxEventKib'],
    [{ regions: 'us-east-1,mars-1' }, 'is not an AWS Region'],
    [{ objectIndex: 'maybe' }, 'must be on or off'],
    [{ webhookEgress: 'vpn' }, 'must be internet or nat'],
    [{ allowPrivateWebhookTargets: 'yes' }, 'must be off, loopback or all'],
    [{ brand: 'My Brand' }, 'must be 1 to 30 letters and digits'],
    [{ eventsPerSecond: 0 }, 'eventsPerSecond'],
    [{ publishers: 'everyone' }, 'must be an AWS account id or an IAM ARN'],
    [{ retentionDays: '5' }, '-c retentionDays=5: must be at least 14'],
    [{ retentionDays: '20.5' }, '-c retentionDays=20.5: must be a whole number'],
    [{ apiConcurrency: 'many' }, '-c apiConcurrency=many: must be a number'],
    [{ maxEventKib: '400' }, '-c maxEventKib=400: must be at most 350'],
    [{ regions: 'us-east-1,mars' }, "-c regions=us-east-1,mars: 'mars' is not an AWS Region"],
    [{ regions: '' }, '-c regions=: must not be empty'],
    [{ partner: undefined }, '-c partner: is required'],
    [{ alarmMail: 'oncall@example.com' }, '-c alarmMail=oncall@example.com: there is no such name; there are stage, '],
  ])('is refused when it is wrong: %o', (context, message) => {
    expect(() => synthesize(context)).toThrow(message);
  });

  it('gives every function the brand, and its name to the headers of the gateway', () => {
    const branded = synthesize({ brand: 'Acme' });
    for (const [, { Properties }] of resourcesOf(branded, 'AWS::Lambda::Function'))
      if (Properties.Environment?.Variables.POWERTOOLS_SERVICE_NAME)
        expect(Properties.Environment.Variables.BRAND).toBe('Acme');
    const [, throttled] =
      resourcesOf(branded, 'AWS::ApiGateway::GatewayResponse').find(
        ([, { Properties }]) => Properties.ResponseType === 'THROTTLED',
      ) ?? expect.fail('there is none');
    expect(throttled.Properties).toMatchObject({
      StatusCode: '429',
      ResponseParameters: {
        'gatewayresponse.header.Acme-Should-Retry': "'false'",
        'gatewayresponse.header.Acme-Rate-Limited-Reason': "'global-rate'",
        'gatewayresponse.header.Retry-After': "'1'",
      },
    });
  });

  it('reaches the functions whose work it changes, and the topic of the alarms', () => {
    const changed = synthesize({
      successLogShare: 0.5,
      traceparentInEvents: 'on',
      disableFailingAfterDays: 7,
      alarmEmail: 'oncall@example.com',
    });
    const environments = resourcesOf(changed, 'AWS::Lambda::Function').map(
      ([, { Properties }]) => Properties.Environment.Variables,
    );
    const setIn = (variable: string) =>
      environments.flatMap(({ POWERTOOLS_SERVICE_NAME: name, [variable]: value }) => (value ? `${name} ${value}` : []));
    expect(setIn('SUCCESS_LOG_SHARE').sort()).toEqual(['deliver-eventbridge 0.5', 'deliver-webhook 0.5', 'events 0.5']);
    expect(setIn('TRACEPARENT_IN_EVENTS')).toEqual(['deliver-eventbridge on']);
    expect(setIn('DISABLE_FAILING_AFTER_DAYS')).toEqual(['release 7']);
    const subscriptions = resourcesOf(changed, 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties);
    expect(subscriptions).toEqual([expect.objectContaining({ Protocol: 'email', Endpoint: 'oncall@example.com' })]);
  });

  it('has the mapping of events take no more than the concurrency that is reserved for dispatch', () => {
    const changed = synthesize({ dispatchConcurrency: 20 });
    const [id, { Properties }] =
      resourcesOf(changed, 'AWS::Lambda::Function').find(([name]) => name.startsWith('Dispatch')) ??
      expect.fail('there is no dispatch');
    expect(Properties.ReservedConcurrentExecutions).toBe(20);
    const mapping = resourcesOf(changed, 'AWS::Lambda::EventSourceMapping').find(
      ([, { Properties }]) => Properties.FunctionName.Ref === id,
    );
    expect(mapping?.[1].Properties.ScalingConfig).toEqual({ MaximumConcurrency: 20 });
    // Less than two is what no mapping can be bounded to.
    expect(() => synthesize({ dispatchConcurrency: 1 })).toThrow(/dispatchConcurrency/);
  });

  it('names the stage in every physical name', () => {
    const names = JSON.stringify(Object.values(synthesize({ stage: 'prod' })).map((template) => template.toJSON()));
    expect(names).toContain('event-destinations-prod-registry');
    expect(names).not.toContain('event-destinations-dev');
  });
});
