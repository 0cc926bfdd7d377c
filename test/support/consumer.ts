import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { onTestFinished } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };

/** A folder that is gone when the test is over. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A CDK app as the CLI runs it, with that context, and where its cloud assembly goes. */
export function consumerApp(context: Record<string, unknown> = {}): { app: App; cdkOut: string } {
  const cdkOut = join(temporaryFolder(), 'cdk.out');
  const assets = { 'aws:cdk:enable-asset-metadata': true };
  return { app: new App({ outdir: cdkOut, context: { ...cdkJson.context, ...assets, ...context } }), cdkOut };
}

/** The folder of a function's code: one handler, written down here. */
export function codeOf(handler: string): string {
  const folder = join(temporaryFolder(), 'code');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.mjs'), handler);
  return folder;
}
