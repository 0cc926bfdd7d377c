import { SecretValue, Validations } from 'aws-cdk-lib';
import {
  ApiDestination,
  Authorization,
  Connection,
  type EventBus,
  HttpMethod,
  Rule,
  RuleTargetInput,
} from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';

/** The type of the probes that the event destination puts on the event bus. */
export const ECHO_TYPE = 'event_destination.echo';

export interface EchoProps {
  readonly eventBus: EventBus;
  readonly eventSourceName: string;
  /** From the setup of the event destination. */
  readonly echoEndpoint: string;
}

/**
 * Sends the token of each probe back, once a day when all is well: without it the event destination cannot know whether
 * what it puts arrives. An API destination and no function: there is no code to run, and where it sends is fixed here, so
 * that no event can have it send anywhere else.
 */
export class Echo extends Construct {
  constructor(scope: Construct, id: string, { eventBus, eventSourceName, echoEndpoint }: EchoProps) {
    super(scope, id);
    const connection = new Connection(this, 'Connection', {
      description: `Echo of ${eventSourceName}`,
      // EventBridge asks for a credential; the token in the body is the one that counts, and this names the source alone.
      authorization: Authorization.apiKey('Event-Source', SecretValue.unsafePlainText(eventSourceName)),
    });
    const apiDestination = new ApiDestination(this, 'ApiDestination', {
      connection,
      endpoint: echoEndpoint,
      httpMethod: HttpMethod.POST,
      rateLimitPerSecond: 1,
    });
    const rule = new Rule(this, 'Rule', {
      eventBus,
      description: `Sends the probes of ${eventSourceName} back`,
      eventPattern: { source: [eventSourceName], detailType: [ECHO_TYPE] },
      targets: [new targets.ApiDestination(apiDestination, { event: RuleTargetInput.fromEventPath('$.detail') })],
    });
    Validations.of(rule).acknowledge({
      id: 'Serverless-EventBusDLQ',
      reason: 'A probe that does not arrive is followed by another in a minute.',
    });
  }
}
