import { execFile } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** What the functions read from their environment when they are imported. */
const ENVIRONMENT = { ...process.env, AWS_REGION: 'us-east-1', AWS_LAMBDA_FUNCTION_NAME: 'bench' };

/** Imports a bundle in a process of its own; what that took on the processor, ms: how busy the machine is hardly counts. */
export async function importTime(file: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const code = `const before = process.cpuUsage(); await import(${JSON.stringify(pathToFileURL(file).href)});
    const { user, system } = process.cpuUsage(before); console.log((user + system) / 1000); process.exit(0);`;
  const args = ['--input-type=module', '-e', code];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env: { ...ENVIRONMENT, ...environment } });
  return Number(stdout.trim().split('\n').at(-1));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
