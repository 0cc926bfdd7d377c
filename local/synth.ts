import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CDK_OUT = join(ROOT, 'cdk.out');
/** What the templates and bundles are made from. */
const INPUTS = ['infra', 'functions', 'shared', 'cdk.json', 'package-lock.json'];
const MANIFEST = join(CDK_OUT, 'manifest.json');
/** The hash of what cdk.out was made from, and of its manifest: somebody may have synthesized another stage into it since. */
const MADE_FROM = join(CDK_OUT, '.inputs');

/** Synthesizes the CDK app if cdk.out is missing, older than what it is made from, or not what was made from it. */
export async function ensureSynthesized(print: (line: string) => void): Promise<string> {
  const inputs = hashOf(INPUTS.map((input) => join(ROOT, input)));
  const madeFrom = existsSync(MADE_FROM) ? readFileSync(MADE_FROM, 'utf8') : undefined;
  if (existsSync(MANIFEST) && madeFrom === `${inputs} ${hashOf([MANIFEST])}`) return CDK_OUT;
  print('Synthesizing the CDK app ...');
  // Stacks of another stage would be booted, too.
  rmSync(CDK_OUT, { recursive: true, force: true });
  await synthesize();
  writeFileSync(MADE_FROM, `${inputs} ${hashOf([MANIFEST])}`);
  return CDK_OUT;
}

/** `cdk synth` of the service, without the checks that take seconds: nobody deploys this. Throws with what it printed. */
async function synthesize(): Promise<void> {
  const bin = join(ROOT, 'node_modules', '.bin');
  const child = spawn(join(bin, 'cdk'), ['synth', '--quiet', '--no-notices', '--no-validation', '-c', 'nag=off'], {
    cwd: ROOT,
    // The app's `node` must be the one of the project, and the CLI has nothing to tell anybody.
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, CDK_DISABLE_CLI_TELEMETRY: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`cdk synth failed:\n${Buffer.concat(output).toString().trim()}`);
}

function hashOf(paths: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(path.slice(ROOT.length)).update('\0').update(readFileSync(path)).update('\0');
  };
  for (const path of paths) if (existsSync(path)) add(path);
  return hash.digest('hex');
}
