import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  EndpointType,
  GatewayResponse,
  LambdaIntegration,
  LogGroupLogDestination,
  ResponseType,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { routes } from '../../functions/api/routes.ts';
import type { Config } from '../config.ts';
import { grantEventSources } from '../constructs/event-source-access.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { grantTable } from '../constructs/table-access.ts';
import { timeouts } from '../timeouts.ts';

export interface ApiStackProps extends StackProps {
  readonly config: Config;
  readonly registry: Table;
  readonly ledger: Table;
  readonly pepper: ISecret;
  readonly eventsQueue: Queue;
  readonly releasesQueue: Queue;
  readonly eventBridgeDeliveriesQueue: Queue;
}

/**
 * The HTTPS API. A REST API and not an HTTP API, because only there the gateway's own errors can be given the API's
 * envelope: Stripe's SDK takes a 4xx or 5xx without `error` for a success.
 */
export class ApiStack extends Stack {
  constructor(scope: Construct, id: string, props: ApiStackProps) {
    super(scope, id, props);
    const fn = this.#function(props);
    const api = this.#gateway(props.config);
    const integration = new LambdaIntegration(fn, { timeout: timeouts.gateway });
    for (const { method, path } of routes) api.root.resourceForPath(path).addMethod(method, integration);
    // Unknown paths and methods are the function's to refuse, in the right words; so is the root.
    api.root.addMethod('ANY', integration);
    api.root.addProxy({ defaultIntegration: integration, anyMethod: true });
    this.#gatewayResponses(api);
    new CfnOutput(this, 'ApiUrl', { value: api.url });
  }

  #function(props: ApiStackProps): ServiceFunction {
    const fn = new ServiceFunction(this, 'Api', {
      name: 'api',
      description: 'The HTTPS API: event destinations and events',
      timeout: timeouts.api,
      memorySize: 1024,
      reservedConcurrentExecutions: props.config.apiConcurrency,
      environment: {
        REGISTRY_TABLE: props.registry.tableName,
        LEDGER_TABLE: props.ledger.tableName,
        EVENTS_QUEUE_URL: props.eventsQueue.queueUrl,
        RELEASES_QUEUE_URL: props.releasesQueue.queueUrl,
        DELIVERIES_EVENTBRIDGE_QUEUE_URL: props.eventBridgeDeliveriesQueue.queueUrl,
        API_KEY_PEPPER_SECRET: props.pepper.secretArn,
        PARTNER_NAME: props.config.partner,
        SERVICE_ACCOUNT_ID: this.account,
        DESTINATION_REGIONS: props.config.regions.join(','),
        RETENTION_DAYS: String(props.config.retentionDays),
        MAX_EVENT_BYTES: String(props.config.maxEventKib * 1024),
        OBJECT_INDEX: props.config.objectIndex,
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
    grantTable(props.ledger, fn, [
      'dynamodb:GetItem',
      'dynamodb:BatchGetItem',
      'dynamodb:Query',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ]);
    props.eventsQueue.grant(fn, 'sqs:SendMessage');
    props.releasesQueue.grant(fn, 'sqs:SendMessage');
    // Manual attempts.
    props.eventBridgeDeliveriesQueue.grant(fn, 'sqs:SendMessage');
    props.pepper.grantRead(fn);
    grantEventSources(fn, props.config.partner, [
      'events:CreatePartnerEventSource',
      'events:DeletePartnerEventSource',
      'events:ListPartnerEventSourceAccounts',
    ]);
    return fn;
  }

  #gateway(config: Config): RestApi {
    const accessLogs = new LogGroup(this, 'AccessLogs', {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new RestApi(this, 'RestApi', {
      restApiName: `event-destinations-${config.stage}`,
      description: 'Event destinations API',
      endpointTypes: [EndpointType.REGIONAL],
      ...this.#domain(config),
      cloudWatchRole: true,
      deployOptions: {
        stageName: config.stage,
        accessLogDestination: new LogGroupLogDestination(accessLogs),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
        throttlingRateLimit: 2000,
        throttlingBurstLimit: 1000,
        metricsEnabled: true,
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
  #gatewayResponses(api: RestApi) {
    const envelope = (type: string, code: string, message: string) => ({
      'application/json': JSON.stringify({ error: { type, code, message } }),
    });
    const responseHeaders = { 'Request-Id': 'context.requestId' };
    const respond = (id: string, type: ResponseType, templates: Record<string, string>, statusCode?: string) =>
      new GatewayResponse(this, id, {
        restApi: api,
        type,
        responseHeaders,
        templates,
        ...(statusCode && { statusCode }),
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
        envelope('rate_limit', 'rate_limit_exceeded', 'Too many requests. Slow down and try again.'),
        '429',
      );
    respond(
      'TooLarge',
      ResponseType.REQUEST_TOO_LARGE,
      envelope('invalid_request_error', 'request_too_large', 'The request body is too large.'),
      '413',
    );
  }
}
