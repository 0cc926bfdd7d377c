/** A function as the template declares it, with every intrinsic resolved. */
export interface FunctionConfig {
  readonly name: string;
  readonly arn: string;
  /** The folder of the bundle: an asset of cdk.out. */
  readonly codeDir: string;
  /** `<file>.<export>`, for example `index.handler`. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly reservedConcurrency?: number;
}

/** What the sandbox sees as its whole environment: nothing of the parent's leaks into it. */
export function sandboxEnvironment(config: FunctionConfig, logStreamName: string): Record<string, string> {
  const region = config.arn.split(':')[3] ?? '';
  return {
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    LAMBDA_TASK_ROOT: config.codeDir,
    _HANDLER: config.handler,
    ...config.environment,
  };
}
