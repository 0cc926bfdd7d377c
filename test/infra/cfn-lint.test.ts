import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { templateFiles } from './cdk-out.ts';

/** It is a Python package, in neither registry that the project installs from: used where it is. */
const installed = (): boolean => {
  try {
    execFileSync('cfn-lint', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** CDK adds dependencies that CloudFormation would find by itself: they change nothing. */
const KNOWN = ['W3005'];

describe.skipIf(!installed())('cfn-lint', () => {
  it('finds nothing in any template', async () => {
    const command = ['--ignore-checks', ...KNOWN, '--', ...Object.values(templateFiles())];
    const found = await promisify(execFile)('cfn-lint', command).catch(({ stdout }: { stdout: string }) => ({
      stdout,
    }));
    expect(found.stdout.trim()).toBe('');
  }, 120_000);
});
