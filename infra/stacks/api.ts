import { fileURLToPath } from 'node:url';
import { CfnOutput, ReferenceStrength, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  GatewayResponse,
  type GatewayResponseOptions,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import { apiRoutes, eventRoutes, publicRoutes, testHelperRoutes } from '../../functions/api/routes.ts';
import type { Config } from '../config.ts';
import { grantEventSources } from '../constructs/event-source-access.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
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

/** Requests of the API a second, and at once, before API Gateway answers 429 for it. */
const THROTTLE = { rate: 2000, burst: 1000 };

/** The share of requests that X-Ray traces; its own default, 5 %, is too dear at many requests. */
const TRACED = 0.001;

/** One line for each request: no query, no header and no body, so that no key and no payload is in a log. */
const ACCESS_LOG = AccessLogFormat.custom(
  JSON.stringify({
    requestId: AccessLogField.contextRequestId(),
    time: AccessLogField.contextRequestTimeEpoch(),
    ip: AccessLogField.contextIdentitySourceIp(),
    method: AccessLogField.contextHttpMethod(),
    route: AccessLogField.contextResourcePath(),
    status: AccessLogField.contextStatus(),
    gatewayError: AccessLogField.contextErrorResponseType(),
    latencyMs: AccessLogField.contextResponseLatency(),
    functionMs: AccessLogField.contextIntegrationLatency(),
    responseBytes: AccessLogField.contextResponseLength(),
    traceId: AccessLogField.contextXrayTraceId(),
  }),
);

/** What a gateway response has of its own. */
type Answer = Pick<GatewayResponseOptions, 'statusCode' | 'responseHeaders'>;

/**
 * The HTTPS API. A REST API and not an HTTP API, because only there the gateway's own errors can be given the API's
 * envelope: Stripe's SDK takes a 4xx or 5xx without `error` for a success.
 */
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
    const api = this.#gateway(props.config, this.accessLogs);
    this.api = api;
    const integration = new LambdaIntegration(this.#function(props), { timeout: timeouts.gateway });
    const withoutKey = props.config.eventBridgeDelivery.includes('bus') ? publicRoutes : [];
    this.#route(api, [...apiRoutes, ...withoutKey], integration);
    this.#route(api, eventRoutes, new LambdaIntegration(this.#eventsFunction(props), { timeout: timeouts.gateway }));
    const testHelpers = new LambdaIntegration(this.#testHelpersFunction(props), { timeout: timeouts.gateway });
    this.#route(api, testHelperRoutes, testHelpers);
    const openApi = new LambdaIntegration(this.#openApiFunction(props.config), { timeout: timeouts.gateway });
    api.root.addResource('openapi.json').addMethod('GET', openApi);
    // Unknown paths and methods are the function's to refuse, in the right words; so is the root.
    api.root.addMethod('ANY', integration);
    api.root.addProxy({ defaultIntegration: integration, anyMethod: true });
    this.#gatewayResponses(api, props.config);
    new CfnOutput(this, 'ApiUrl', { value: api.url });
  }

  #route(
    api: RestApi,
    routes: readonly { readonly method: string; readonly path: string }[],
    integration: LambdaIntegration,
  ): void {
    for (const { method, path } of routes) api.root.resourceForPath(path).addMethod(method, integration);
  }

  #function(props: ApiStackProps): ServiceFunction {
    const fn = new ServiceFunction(this, 'Api', {
      name: 'api',
      description: 'The HTTPS API: event destinations',
      timeout: timeouts.api,
      memorySize: 1024,
      reservedConcurrentExecutions: props.config.apiConcurrency,
      environment: {
        ...commonEnvironment(props),
        RELEASES_QUEUE_URL: props.releasesQueue.queueUrl,
        PARTNER_NAME: props.config.partner,
        SERVICE_ACCOUNT_ID: this.account,
        DESTINATION_REGIONS: props.config.regions.join(','),
        OBJECT_INDEX: props.config.objectIndex,
        ALLOW_PRIVATE_WEBHOOK_TARGETS: props.config.allowPrivateWebhookTargets,
      },
    });
    grantTable(props.registry, fn, [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:DeleteItem',
    ]);
    grantTable(props.ledger, fn, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    props.eventsQueue.grant(fn, 'sqs:SendMessage');
    props.releasesQueue.grant(fn, 'sqs:SendMessage');
    props.pepper.grantRead(fn);
    grantSigningSecrets(props.signingSecretsKey, fn, { makes: true });
    grantEventSources(fn, props.config, [
      'events:CreatePartnerEventSource',
      'events:DeletePartnerEventSource',
      'events:ListPartnerEventSourceAccounts',
    ]);
    return fn;
  }

  /** Publishing, and everything about events: neither it nor what manages destinations takes the other's concurrency. */
  #eventsFunction(props: ApiStackProps): ServiceFunction {
    const fn = new ServiceFunction(this, 'Events', {
      name: 'events',
      description: 'The HTTPS API: events and their deliveries',
      timeout: timeouts.api,
      memorySize: 1024,
      reservedConcurrentExecutions: props.config.apiConcurrency,
      environment: {
        ...commonEnvironment(props),
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
    props.eventsQueue.grant(fn, 'sqs:SendMessage');
    props.releasesQueue.grant(fn, 'sqs:SendMessage');
    // Manual attempts.
    for (const queue of Object.values(props.deliveriesQueues)) queue.grant(fn, 'sqs:SendMessage');
    props.pepper.grantRead(fn);
    return fn;
  }

  /** A function of its own: what it builds test events from would make every cold start of the API longer. */
  #testHelpersFunction(props: ApiStackProps): ServiceFunction {
    const fn = new ServiceFunction(this, 'TestHelpers', {
      name: 'test-helpers',
      description: 'The part of the HTTPS API that customers test their own side with',
      timeout: timeouts.api,
      memorySize: 1024,
      environment: commonEnvironment(props),
    });
    grantTable(props.registry, fn, ['dynamodb:GetItem']);
    grantTable(props.ledger, fn, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    props.eventsQueue.grant(fn, 'sqs:SendMessage');
    props.pepper.grantRead(fn);
    return fn;
  }

  /** A function of its own: what anybody may read as often as he likes takes nothing from the API's concurrency. */
  #openApiFunction({ regions, brand }: Config): ServiceFunction {
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

  #gateway(config: Config, accessLogs: ILogGroup): RestApi {
    const restApiName = `event-destinations-${config.stage}`;
    const api = new RestApi(this, 'RestApi', {
      restApiName,
      description: 'Event destinations API',
      endpointTypes: [EndpointType.REGIONAL],
      ...this.#domain(config),
      cloudWatchRole: true,
      deployOptions: {
        stageName: config.stage,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: ACCESS_LOG,
        // What the gateway itself could not do; without requests and answers.
        loggingLevel: MethodLoggingLevel.ERROR,
        dataTraceEnabled: false,
        throttlingRateLimit: THROTTLE.rate,
        throttlingBurstLimit: THROTTLE.burst,
        // Five metrics for each route would be paid for every month: the access log knows route and status.
        metricsEnabled: false,
        tracingEnabled: true,
      },
    });
    this.#keepExecutionLogs(api, config);
    this.#sampleTraces(restApiName, config);
    acknowledgeGateway(api);
    return api;
  }

  /** API Gateway makes this log group by itself, and would keep it for ever. */
  #keepExecutionLogs(api: RestApi, { stage }: Config) {
    const logs = new LogGroup(this, 'ExecutionLogs', {
      logGroupName: `API-Gateway-Execution-Logs_${api.restApiId}/${stage}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    api.deploymentStage.node.addDependency(logs);
  }

  #sampleTraces(restApiName: string, { stage }: Config) {
    new CfnSamplingRule(this, 'Sampling', {
      samplingRule: {
        ruleName: `ed-${stage}-api`,
        priority: 1000,
        version: 1,
        reservoirSize: 0,
        fixedRate: TRACED,
        serviceType: 'AWS::ApiGateway::Stage',
        serviceName: `${restApiName}/${stage}`,
        resourceArn: '*',
        host: '*',
        httpMethod: '*',
        urlPath: '*',
      },
    });
  }

  /** With a domain of its own the API is at the host's root, where Stripe's SDK looks for it, and only there. */
  #domain({ domainName, certificateArn }: Config) {
    if (!domainName || !certificateArn) return {};
    const certificate = Certificate.fromCertificateArn(this, 'Certificate', certificateArn);
    const options = { domainName, certificate, securityPolicy: SecurityPolicy.TLS_1_2 };
    return { domainName: options, disableExecuteApiEndpoint: true };
  }

  /** What API Gateway says itself, in the API's envelope, with the type that makes an SDK raise the right error. */
  #gatewayResponses(api: RestApi, { brand }: Config) {
    const envelope = (type: string, code: string, message: string) => ({
      'application/json': JSON.stringify({ error: { type, code, message } }),
    });
    const responseHeaders = { 'Request-Id': 'context.requestId' };
    const respond = (id: string, type: ResponseType, templates: Record<string, string>, more: Answer = {}) =>
      new GatewayResponse(this, id, {
        restApi: api,
        type,
        templates,
        ...more,
        responseHeaders: { ...responseHeaders, ...more.responseHeaders },
      });
    respond(
      'Default4xx',
      ResponseType.DEFAULT_4XX,
      envelope(
        'invalid_request_error',
        'invalid_request',
        'The request was refused before it reached the API: $context.error.responseType.',
      ),
    );
    respond(
      'Default5xx',
      ResponseType.DEFAULT_5XX,
      envelope(
        'api_error',
        'api_error',
        'Something went wrong on our side; nothing is lost that was answered with success. Try again with the same Idempotency-Key.',
      ),
    );
    for (const [id, type] of [
      ['Throttled', ResponseType.THROTTLED],
      ['QuotaExceeded', ResponseType.QUOTA_EXCEEDED],
    ] as const)
      respond(
        id,
        type,
        envelope('rate_limit_error', 'rate_limit', 'Too many requests. Wait a second, and slow down.'),
        {
          statusCode: '429',
          responseHeaders: {
            'Retry-After': "'1'",
            [`${brand}-Should-Retry`]: "'false'",
            [`${brand}-Rate-Limited-Reason`]: "'global-rate'",
          },
        },
      );
    respond(
      'TooLarge',
      ResponseType.REQUEST_TOO_LARGE,
      envelope('invalid_request_error', 'request_too_large', 'The request body is too large.'),
      { statusCode: '413' },
    );
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

function acknowledgeGateway(api: RestApi): void {
  Validations.of(api).acknowledge(
    {
      id: 'AwsSolutions-APIG2',
      reason: "The function validates: every refusal is in the API's own envelope, and says what to do.",
    },
    {
      id: 'AwsSolutions-APIG3',
      reason:
        'Nobody without a key gets further than one read of a hash; what a web ACL would add is in docs/operations.md.',
    },
    {
      id: 'AwsSolutions-APIG4',
      reason:
        'The function authenticates by API key: an authorizer could neither speak in the envelope nor know scopes.',
    },
    {
      id: 'AwsSolutions-COG4',
      reason: 'The callers are servers with API keys, as at Stripe: there are no users to sign in.',
    },
    {
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
      reason: 'The role of the account setting of API Gateway, for which AWS gives this policy.',
    },
  );
}
