import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  EndpointType,
  GatewayResponse,
  type GatewayResponseOptions,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
  SecurityPolicy,
} from 'aws-cdk-lib/aws-apigateway';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';

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
 * A REST API and not an HTTP API, because only there the gateway's own errors can be given the API's envelope: Stripe's SDK
 * takes a 4xx or 5xx without `error` for a success.
 */
export function restApi(scope: Construct, config: Config, accessLogs: ILogGroup): RestApi {
  const restApiName = `event-destinations-${config.stage}`;
  const api = new RestApi(scope, 'RestApi', {
    restApiName,
    description: 'Event destinations API',
    endpointTypes: [EndpointType.REGIONAL],
    ...domainOf(scope, config),
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
  keepExecutionLogs(scope, api, config);
  sampleTraces(scope, restApiName, config);
  respondInEnvelope(scope, api, config);
  acknowledgeGateway(api);
  return api;
}

/** API Gateway makes this log group by itself, and would keep it for ever. */
function keepExecutionLogs(scope: Construct, api: RestApi, { stage }: Config): void {
  const logs = new LogGroup(scope, 'ExecutionLogs', {
    logGroupName: `API-Gateway-Execution-Logs_${api.restApiId}/${stage}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  api.deploymentStage.node.addDependency(logs);
}

function sampleTraces(scope: Construct, restApiName: string, { stage }: Config): void {
  new CfnSamplingRule(scope, 'Sampling', {
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
function domainOf(scope: Construct, { domainName, certificateArn }: Config) {
  if (!domainName || !certificateArn) return {};
  const certificate = Certificate.fromCertificateArn(scope, 'Certificate', certificateArn);
  const options = { domainName, certificate, securityPolicy: SecurityPolicy.TLS_1_2 };
  return { domainName: options, disableExecuteApiEndpoint: true };
}

/** What API Gateway says itself, in the API's envelope, with the type that makes an SDK raise the right error. */
function respondInEnvelope(scope: Construct, api: RestApi, { brand }: Config): void {
  const envelope = (type: string, code: string, message: string) => ({
    'application/json': JSON.stringify({ error: { type, code, message } }),
  });
  const responseHeaders = { 'Request-Id': 'context.requestId' };
  const respond = (id: string, type: ResponseType, templates: Record<string, string>, more: Answer = {}) =>
    new GatewayResponse(scope, id, {
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
      'The request was refused before it reached the API ($context.error.responseType): check its URL and its headers.',
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
    respond(id, type, envelope('rate_limit_error', 'rate_limit', 'Too many requests. Wait a second, and slow down.'), {
      statusCode: '429',
      responseHeaders: {
        'Retry-After': "'1'",
        [`${brand}-Should-Retry`]: "'false'",
        [`${brand}-Rate-Limited-Reason`]: "'global-rate'",
      },
    });
  respond(
    'TooLarge',
    ResponseType.REQUEST_TOO_LARGE,
    envelope(
      'invalid_request_error',
      'request_too_large',
      'The request body is too large: a request takes at most 10 MB.',
    ),
    { statusCode: '413' },
  );
}

function acknowledgeGateway(api: RestApi): void {
  Validations.of(api).acknowledge(
    {
      id: 'AwsSolutions-APIG2',
      reason: "The function validates: every refusal is in the API's own envelope, and says what to do.",
    },
    {
      id: 'AwsSolutions-APIG3',
      reason:
        'Without a key nothing gets further than one read, but openapi.json, which is a file, and echoes, which their token proves; what a web ACL would add is in docs/operations.md.',
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
