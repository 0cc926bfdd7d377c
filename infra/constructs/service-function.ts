import { fileURLToPath } from 'node:url';
import { type Duration, ReferenceStrength, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type FunctionOptions, RecursiveLoop, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { readConfig } from '../config.ts';
import { metricsService } from '../monitoring/metrics-service.ts';
import { BUNDLING } from './bundling.ts';

export interface ServiceFunctionProps {
  /** The folder in functions/ whose handler.ts is the entry. */
  readonly name: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memorySize?: number;
  readonly reservedConcurrentExecutions?: number | undefined;
  /** It sends messages to the queue that it works on, over and over: retries are such a loop, meant and bounded. */
  readonly sendsToItself?: boolean;
  /** Shell commands that put files beside the bundle, which is in that folder. */
  readonly afterBundling?: (outputDir: string) => string[];
  readonly environment: Record<string, string>;
  /** A network that it runs in; else it is in none. */
  readonly network?: Pick<FunctionOptions, 'vpc' | 'securityGroups'> | undefined;
}

/**
 * A Lambda function of the service: nodejs24.x on arm64, one minified bundle with the SDK inside, made of its ES modules
 * and written as CommonJS. A bundled SDK imports about twice as fast as the one in the runtime, and its version is the one
 * that was tested.
 */
export class ServiceFunction extends NodejsFunction {
  /** The folder in functions/. */
  readonly folder: string;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const config = readConfig(scope.node);
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A role of its own, and not AWS's managed policy, which may write to every log group of the account.
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `The function ${props.name} of event destinations`,
    });
    logGroup.grantWrite(role);
    super(scope, id, {
      entry: fileURLToPath(new URL(`../../functions/${props.name}/handler.ts`, import.meta.url)),
      handler: 'handler',
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize ?? 512,
      timeout: props.timeout,
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
      // By default Lambda stops a chain of about 16 invocations through SQS and sends its message to the dead letters.
      ...(props.sendsToItself && { recursiveLoop: RecursiveLoop.ALLOW }),
      environment: {
        ...props.environment,
        POWERTOOLS_SERVICE_NAME: props.name,
        // What every function that names a header has to agree on.
        BRAND: config.brand,
        METRICS_SERVICE: metricsService(config.stage),
      },
      logGroup,
      role,
      ...props.network,
      bundling: {
        // An ES module that imports node:http starts a quarter slower: node loads undici to name all its exports.
        format: OutputFormat.CJS,
        target: BUNDLING.target,
        minify: BUNDLING.minify,
        sourceMap: false,
        mainFields: BUNDLING.mainFields,
        esbuildArgs: Object.fromEntries(
          Object.entries(BUNDLING.supported).map(([name, is]) => [`--supported:${name}`, String(is)]),
        ),
        bundleAwsSDK: true,
        externalModules: [],
        commandHooks: {
          beforeBundling: () => [],
          beforeInstall: () => [],
          // Wherever the bundle lies: the package around it may say otherwise.
          afterBundling: (_inputDir, outputDir) => [
            `echo '{"type":"commonjs"}' > "${outputDir}/package.json"`,
            ...(props.afterBundling?.(outputDir) ?? []),
          ],
        },
      },
    });
    this.folder = props.name;
    // Other stacks only look at it: a function that goes must not be kept by the dashboards that show it.
    this.applyCrossStackReferenceStrength(ReferenceStrength.WEAK);
    logGroup.applyCrossStackReferenceStrength(ReferenceStrength.WEAK);
    Validations.of(this).acknowledge(
      {
        id: 'Serverless-LambdaDLQ',
        reason:
          'Only schedules invoke a function asynchronously, and the next round does the work of one that was lost. Everything else comes by queues, which have dead-letter queues of their own.',
      },
      {
        id: 'Serverless-LambdaEventSourceMappingDestination',
        reason: 'A mapping of a queue has no failure destination: what fails goes by the redrive policy of its queue.',
      },
      {
        id: 'Serverless-LambdaTracing',
        reason:
          'Lambda samples 5 % of all invocations and cannot be told otherwise, which would be a twelfth of the price of an event. The trace context travels with the event instead.',
      },
    );
  }
}
