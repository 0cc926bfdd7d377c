import { fileURLToPath } from 'node:url';
import { CfnOutput, ReferenceStrength, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { LambdaIntegration, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  apiRoutes,
  eventRoutes,
  eventSourceRoutes,
  publicRoutes,
  testHelperRoutes,
} from '../../functions/api/routes.ts';
import type { Config } from '../config.ts';
import { grantEventSources } from '../constructs/event-source-access.ts';
import { restApi } from '../constructs/rest-api.ts';
import { ServiceFunction, type ServiceFunctionProps } from '../constructs/service-function.ts';
import { grantSigningSecrets } from '../constructs/signing-secrets.ts';
import { grantTable } from '../constructs/table-access.ts';
import { queueUrls } from '../constructs/work-queue.ts';
import { timeouts } from '../timeouts.ts';

export interface ApiStackProps extends StackProps {
  readonly config: Config;
  readonly registry: Table;
  readonly ledger: Table;
  readonly pepper: ISecret;
  readonly signingSecretsKey: Key;
  readonly eventsQueue: Queue;
  readonly releasesQueue: Queue;
  /** By the environment variable with their URL. */
  readonly deliveriesQueues: Readonly<Record<string, Queue>>;
}

/** The HTTPS API: its functions, and which routes each of them serves. */
export class ApiStack extends Stack {
  readonly api: RestApi;
  /** Where a request's route and status can be looked up. */
  readonly accessLogs: ILogGroup;

  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    accessLogs.applyCrossStackReferenceStrength(ReferenceStrength.WEAK);
    this.accessLogs = accessLogs;
    const api = restApi(this, props.config, accessLogs);
    this.api = api;
    const destinations = this.#integration(this.#destinations(props));
    this.#route(api, apiRoutes, destinations);
    this.#route(api, eventRoutes, this.#integration(this.#events(props)));
    const withoutKey = props.config.eventBridgeDelivery.includes('bus') ? publicRoutes : [];
    this.#route(api, [...eventSourceRoutes, ...withoutKey], this.#integration(this.#eventSources(props)));
    this.#route(api, testHelperRoutes, this.#integration(this.#testHelpers(props)));
    api.root.addResource('openapi.json').addMethod('GET', this.#integration(this.#openApi(props.config)));
    // Unknown paths and methods are the function's to refuse, in the right words; so is the root.
    api.root.addMethod('ANY', destinations);
    api.root.addProxy({ defaultIntegration: destinations, anyMethod: true });
    new CfnOutput(this, 'ApiUrl', { value: api.url });
  }

  #integration(fn: ServiceFunction): LambdaIntegration {
    return new LambdaIntegration(fn, { timeout: timeouts.gateway });
  }

  #route(
    api: RestApi,
    routes: readonly { readonly method: string; readonly path: string }[],
    integration: LambdaIntegration,
  ): void {
    for (const { method, path } of routes) api.root.resourceForPath(path).addMethod(method, integration);
  }

  /** The functions that serve routes: what each has of its own is added to what all need to know who asks, and how often he may. */
  #function(
    id: string,
    props: ApiStackProps,
    own: Pick<ServiceFunctionProps, 'name' | 'description' | 'reservedConcurrentExecutions'> & {
      readonly environment?: Record<string, string>;
    },
  ): ServiceFunction {
    const fn = new ServiceFunction(this, id, {
      ...own,
      timeout: timeouts.api,
      memorySize: 1024,
      environment: { ...commonEnvironment(props), ...own.environment },
    });
    props.pepper.grantRead(fn);
    props.eventsQueue.grant(fn, 'sqs:SendMessage');
    return fn;
  }

  #destinations(props: ApiStackProps): ServiceFunction {
    const fn = this.#function('Api', props, {
      name: 'api',
      description: 'The HTTPS API: event destinations',
      reservedConcurrentExecutions: props.config.apiConcurrency,
      environment: {
        ...sourcesEnvironment(props, this.account),
        DESTINATION_REGIONS: props.config.regions.join(','),
        ALLOW_PRIVATE_WEBHOOK_TARGETS: props.config.allowPrivateWebhookTargets,
      },
    });
    grantTable(props.registry, fn, [
      'dynamodb:GetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    ]);
    grantTable(props.ledger, fn, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    props.releasesQueue.grant(fn, 'sqs:SendMessage');
    grantSigningSecrets(props.signingSecretsKey, fn, { makes: true });
    grantEventSources(fn, props.config, [
      'events:CreatePartnerEventSource',
      'events:DeletePartnerEventSource',
      'events:ListPartnerEventSourceAccounts',
    ]);
    return fn;
  }

  /** Publishing, and everything about events: neither it nor what manages destinations takes the other's concurrency. */
  #events(props: ApiStackProps): ServiceFunction {
    const fn = this.#function('Events', props, {
      name: 'events',
      description: 'The HTTPS API: events and their deliveries',
      reservedConcurrentExecutions: props.config.apiConcurrency,
      environment: {
        RELEASES_QUEUE_URL: props.releasesQueue.queueUrl,
        ...queueUrls(props.deliveriesQueues),
        OBJECT_INDEX: props.config.objectIndex,
        SUCCESS_LOG_SHARE: String(props.config.successLogShare),
      },
    });
    grantTable(props.registry, fn, ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query']);
    grantTable(
      props.ledger,
      fn,
      ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
      { indexes: ['undelivered'] },
    );
    props.releasesQueue.grant(fn, 'sqs:SendMessage');
    // Manual attempts.
    for (const queue of Object.values(props.deliveriesQueues)) queue.grant(fn, 'sqs:SendMessage');
    return fn;
  }

  /** What needs no key is here: whoever calls it as often as he likes takes nothing from the rest of the API. */
  #eventSources(props: ApiStackProps): ServiceFunction {
    const fn = this.#function('EventSources', props, {
      name: 'event-sources',
      description: 'The HTTPS API: the customer’s side of Amazon EventBridge destinations',
      reservedConcurrentExecutions: props.config.apiConcurrency,
      environment: sourcesEnvironment(props, this.account),
    });
    grantTable(props.registry, fn, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    grantTable(props.ledger, fn, ['dynamodb:UpdateItem']);
    props.releasesQueue.grant(fn, 'sqs:SendMessage');
    grantEventSources(fn, props.config, ['events:ListPartnerEventSourceAccounts']);
    return fn;
  }

  /** A function of its own: what it builds test events from would make every cold start of the API longer. */
  #testHelpers(props: ApiStackProps): ServiceFunction {
    const fn = this.#function('TestHelpers', props, {
      name: 'test-helpers',
      description: 'The HTTPS API: what customers test their own side with',
    });
    grantTable(props.registry, fn, ['dynamodb:GetItem']);
    grantTable(props.ledger, fn, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    return fn;
  }

  /** A function of its own: what anybody may read as often as he likes takes nothing from the API's concurrency. */
  #openApi({ regions, brand }: Config): ServiceFunction {
    const generator = fileURLToPath(new URL('../../functions/api/openapi/main.ts', import.meta.url));
    return new ServiceFunction(this, 'OpenApi', {
      name: 'openapi',
      description: 'The API’s description, openapi.json',
      timeout: timeouts.openapi,
      memorySize: 256,
      environment: {},
      afterBundling: (outputDir) => [
        `BRAND=${brand} DESTINATION_REGIONS=${regions.join(',')} "${process.execPath}" "${generator}" "${outputDir}/openapi.json"`,
      ],
    });
  }
}

/** What it takes to know who asks and how often he may, and to publish what is not too large. */
const commonEnvironment = ({ config, ...props }: ApiStackProps): Record<string, string> => ({
  REGISTRY_TABLE: props.registry.tableName,
  LEDGER_TABLE: props.ledger.tableName,
  EVENTS_QUEUE_URL: props.eventsQueue.queueUrl,
  API_KEY_PEPPER_SECRET: props.pepper.secretArn,
  RETENTION_DAYS: String(config.retentionDays),
  MAX_EVENT_BYTES: String(config.maxEventKib * 1024),
  REQUESTS_PER_SECOND: String(config.requestsPerSecond),
  TEST_REQUESTS_PER_SECOND: String(config.testRequestsPerSecond),
  EVENTS_PER_SECOND: String(config.eventsPerSecond),
});

/** What it takes to ask AWS for the state of an event source, and to release what was held until it was active. */
const sourcesEnvironment = ({ config, releasesQueue }: ApiStackProps, account: string): Record<string, string> => ({
  RELEASES_QUEUE_URL: releasesQueue.queueUrl,
  PARTNER_NAME: config.partner,
  SERVICE_ACCOUNT_ID: account,
});
