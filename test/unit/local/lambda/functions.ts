import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { FunctionConfig } from '../../../../local/lambda/function-config.ts';

// A worker starts in 50 ms, or in seconds where every core is taken.
vi.setConfig({ testTimeout: 60_000 });

const bundles = mkdtempSync(join(tmpdir(), 'functions-'));
process.on('exit', () => rmSync(bundles, { recursive: true, force: true }));

/** A function whose bundle is the given source. */
export function functionOf(source: string, overrides: Partial<FunctionConfig> = {}): FunctionConfig {
  const codeDir = mkdtempSync(join(bundles, 'bundle-'));
  writeFileSync(join(codeDir, 'index.mjs'), source);
  const name = overrides.name ?? 'fn';
  return {
    name,
    arn: `arn:aws:lambda:eu-west-1:111111111111:function:${name}`,
    codeDir,
    handler: 'index.handler',
    timeoutSeconds: 30,
    memoryMb: 128,
    environment: {},
    ...overrides,
  };
}
