import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Fields } from './fields.ts';
import { StateFile } from './state-file.ts';
import { ROOT } from './synth.ts';

/** The account, keys and customer with which a fresh embedded cloud begins. */
export interface Seed {
  readonly account: string;
  readonly connectedAccount: string;
  readonly testKey: string;
  readonly liveKey: string;
  readonly publishKey: string;
  readonly publishLiveKey: string;
  readonly customerAccountId: string;
}

/** Seeds the tables with the operator's own CLI, once for each data folder. */
export async function seedOnce(
  serviceEnv: Readonly<Record<string, string>>,
  dataDir: string | undefined,
): Promise<Seed> {
  const file = new StateFile(dataDir === undefined ? undefined : join(dataDir, 'seed.json'));
  const kept = file.read();
  if (kept !== undefined) return readSeed(kept);
  const seeded = await runSeed(serviceEnv);
  const seed = readSeed(seeded);
  file.save(() => seeded);
  file.flush();
  return seed;
}

async function runSeed(serviceEnv: Readonly<Record<string, string>>): Promise<unknown> {
  const child = spawn(process.execPath, [join(ROOT, 'console/admin/main.ts'), 'seed', '--json'], {
    cwd: ROOT,
    env: { ...process.env, ...serviceEnv, EVENT_DESTINATIONS_STAGE: 'dev' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error('The embedded cloud runs, but its seed failed: see above');
  return JSON.parse(Buffer.concat(chunks).toString());
}

function readSeed(value: unknown): Seed {
  const fields = new Fields(value, 'seed');
  return {
    account: fields.string('account'),
    connectedAccount: fields.string('connected_account'),
    testKey: fields.string('test_key'),
    liveKey: fields.string('live_key'),
    publishKey: fields.string('publish_key'),
    publishLiveKey: fields.string('publish_live_key'),
    customerAccountId: fields.string('customer_account_id'),
  };
}
