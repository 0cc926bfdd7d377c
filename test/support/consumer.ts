import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { App } from 'aws-cdk-lib';
import { onTestFinished } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };

/** A folder that is gone when the test is over. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * A CDK app as the CLI runs it, with that context, and where its cloud assembly goes. It is not validated: that takes seconds,
 * and the tests of infra do it.
 */
export function consumerApp(context: Record<string, unknown> = {}): { app: App; cdkOut: string } {
  const outdir = join(temporaryFolder(), 'cdk.out');
  const assets = { 'aws:cdk:enable-asset-metadata': true };
  const props = { context: { ...cdkJson.context, ...assets, ...context }, builtinCloudFormationValidation: false };
  return { app: new App({ outdir, ...props }), cdkOut: outdir };
}

/** The folder of a function's code: one handler, written down here. */
export function codeOf(handler: string): string {
  const folder = join(temporaryFolder(), 'code');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.mjs'), handler);
  return folder;
}

/** A cloud assembly of one template, as CloudFormation would take it. */
export function assemblyOf(template: object): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'template.json'), JSON.stringify(template));
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'template.json' } };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ version: '55.0.0', artifacts: { consumer: stack } }));
  return folder;
}

/** Runs a CDK app in TypeScript as `cdk synth --no-validation` would; its cloud assembly. */
export async function synthesizeApp(source: string): Promise<string> {
  const folder = temporaryFolder();
  symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'event-destination.mts');
  writeFileSync(file, source);
  const cdkOut = join(folder, 'cdk.out');
  const env = { ...process.env, CDK_OUTDIR: cdkOut, CDK_VALIDATION: 'false' };
  await promisify(execFile)(process.execPath, [file], { env });
  return cdkOut;
}
