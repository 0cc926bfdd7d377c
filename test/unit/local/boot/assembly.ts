import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type CloudOptions, startCloud } from '../../../../local/cloud.ts';

export const START = Date.UTC(2026, 0, 1);
export const CUSTOMER = { account: '123456789012', region: 'us-east-1' };
export const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:us-east-1:000000000000:${resource}`;

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-cloud-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A cdk.out made by hand: one stack with these resources, and the bundles of its functions. */
export function assembly(
  resources: Record<string, unknown>,
  handlers: Record<string, string> = {},
  folder = temporaryFolder(),
): string {
  const write = (name: string, content: unknown) => writeFileSync(join(folder, name), JSON.stringify(content));
  const Outputs = { Region: { Value: { Ref: 'AWS::Region' } } };
  write('app.template.json', { Resources: resources, Outputs });
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'app.template.json' } };
  write('manifest.json', { version: '55.0.0', artifacts: { app: stack } });
  for (const [name, code] of Object.entries(handlers)) {
    mkdirSync(join(folder, `asset.${name}`));
    writeFileSync(join(folder, `asset.${name}`, 'index.mjs'), code);
  }
  return folder;
}

/** A function whose bundle is the handler of that name. */
export const lambdaFunction = (name: string, more: object = {}) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { FunctionName: name, Handler: 'index.handler', Timeout: 5, MemorySize: 128, ...more },
  Metadata: { 'aws:asset:path': `asset.${name}` },
});

export const queue = (QueueName: string, more: object = {}) => ({
  Type: 'AWS::SQS::Queue',
  Properties: { QueueName, ...more },
});

/** A handler that writes its event as a line and answers `answer`. */
export const echo = (answer = 'null') =>
  `export const handler = async (event) => { console.log(JSON.stringify(event)); return ${answer}; };`;

export async function boot(cdkOut: string, options: CloudOptions = {}) {
  const lines: { functionName: string; line: string }[] = [];
  const problems: string[] = [];
  const cloud = await startCloud({
    cdkOut,
    frozenAt: START,
    functionLog: (line) => lines.push(line),
    log: (line) => problems.push(line),
    ...options,
  });
  onTestFinished(() => cloud.close());
  const events = (name: string): unknown[] =>
    lines.filter(({ functionName }) => functionName === name).map(({ line }) => JSON.parse(line));
  const local = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`${cloud.awsUrl}/_local/${path}`, init);
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  return { cloud, events, problems, local };
}
