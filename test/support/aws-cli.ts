import { spawnSync } from 'node:child_process';

/** The first versions, of CLI 1 and 2, that take AWS_ENDPOINT_URL and speak JSON with SQS. */
const OLDEST: Readonly<Record<string, number>> = { 1: 31, 2: 14 };

/** Why what runs the AWS CLI is left out; undefined where it runs. */
export function noAwsCli(): string | undefined {
  const { status, stdout } = spawnSync('aws', ['--version'], { encoding: 'utf8' });
  if (status !== 0) return 'there is no `aws` in PATH';
  const [, major = '', minor = ''] = /^aws-cli\/(\d+)\.(\d+)/.exec(stdout) ?? [];
  const oldest = OLDEST[major] ?? 0;
  return Number(minor) < oldest ? `aws-cli ${major}.${minor} is older than ${major}.${oldest}` : undefined;
}
