import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cloud, startCloud } from '../../../../local/cloud.ts';
import { commands, writeEnvFile } from '../../../../local/quickstart.ts';
import { seedOnce } from '../../../../local/seed.ts';
import { ensureSynthesized } from '../../../../local/synth.ts';

/** As it is, or made where it is missing: other tests read it at the same time. */
const synthesized = async () => (existsSync('cdk.out/manifest.json') ? 'cdk.out' : ensureSynthesized(() => {}));

describe('the project itself', () => {
  let cloud: Cloud;
  beforeAll(async () => {
    cloud = await startCloud({ cdkOut: await synthesized(), frozenAt: Date.UTC(2026, 0, 1) });
  }, 120_000);
  afterAll(() => cloud?.close());

  test('boots from what cdk synth wrote, and its schedules run', async () => {
    await cloud.clock.advance(120_000);
    const ran = [...cloud.lambda.counts].filter(([name]) => name.includes('TrackSources')).map(([, counts]) => counts);
    expect(ran).toMatchObject([{ errors: 0, throttles: 0 }]);
    expect(ran[0]?.invocations).toBeGreaterThanOrEqual(2);
  });

  test('answers on its API in its own shape', async () => {
    const response = await fetch(`${cloud.apiUrl}/v2/core/event_destinations`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
  });
});

test('.local/env names the bus and the queue that take events', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'env-'));
  const cloud = await startCloud({ cdkOut: await synthesized() });
  try {
    writeEnvFile(cloud, await seedOnce(cloud.serviceEnv, undefined), join(folder, 'env'));
    const script = `. ${join(folder, 'env')}; echo $INGEST_BUS_NAME $EVENTS_QUEUE_URL`;
    const printed = execFileSync('bash', ['-e', '-c', script]).toString().trim();
    expect(printed).toBe(`event-destinations-dev-ingest ${cloud.awsUrl}/000000000000/event-destinations-dev-events`);
  } finally {
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  }
}, 60_000);

describe('what npm start prints', () => {
  test('does the main job when it is pasted into a shell, without the AWS CLI as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quickstart-'));
    const cloud = await startCloud({ cdkOut: await synthesized() });
    try {
      const seed = await seedOnce(cloud.serviceEnv, undefined);
      writeEnvFile(cloud, seed, join(folder, 'env'));
      const script = commands({ awsCli: false })
        .replace('. .local/env', `. ${join(folder, 'env')}`)
        .replace('npm run -s local --', `${process.execPath} local/cli.ts`);
      const printed = await new Promise<string>((resolve, reject) => {
        execFile('bash', ['-e', '-c', script], (error, stdout) => (error ? reject(error) : resolve(stdout)));
      });
      const envelope: unknown = JSON.parse(printed.trim().split('\n').at(-1) ?? '');
      expect(envelope).toMatchObject({
        'detail-type': 'customer.created',
        account: seed.customerAccountId,
        detail: { object: 'event', data: { object: { id: 'cus_123' } } },
      });
    } finally {
      await cloud.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
