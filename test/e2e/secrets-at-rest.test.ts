import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '../../local/fields.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const REGISTRY = 'event-destinations-dev-registry';
const PEPPER = 'event-destinations/dev/api-key-pepper';
const OWNER = { account: '000000000000', region: 'us-east-1' };

let platform: Platform;
let calls: string[] = [];
beforeAll(async () => {
  platform = await startPlatform({
    around: (service, handle) => (operation, input, caller) => {
      if (service === 'TrentService' || service === 'secretsmanager') calls.push(operation);
      return handle(operation, input, caller);
    },
  });
});
afterAll(() => platform.close());

const create = (name: string) =>
  platform.stripe().v2.core.eventDestinations.create({
    name,
    type: 'webhook_endpoint',
    event_payload: 'snapshot',
    enabled_events: ['customer.created'],
    webhook_endpoint: { url: 'https://example.com/webhook' },
    include: ['webhook_endpoint.signing_secret'],
  });

async function storedText(): Promise<string> {
  const page = await platform.cloud.dynamodb.call('Scan', { TableName: REGISTRY });
  return JSON.stringify(isRecord(page) ? page.Items : []);
}

describe('a signing secret', () => {
  it('is shown to its owner and stands nowhere in the table', async () => {
    const { webhook_endpoint } = await create('One');
    const secret = webhook_endpoint?.signing_secret ?? '';
    expect(secret).toMatch(/^whsec_[A-Za-z0-9]{32}$/);
    const stored = await storedText();
    expect(stored).toContain('sealed:1:');
    expect(stored).not.toContain('whsec_');
  });

  it('takes KMS once for a sandbox, and the pepper Secrets Manager; no request takes either again', async () => {
    calls = [];
    await create('Two');
    await create('Three');
    expect(calls).toEqual([]);
    await platform.cloud.lambda.kill(functionName('Api'));
    await create('Four');
    await create('Five');
    expect(calls.toSorted()).toEqual(['Decrypt', 'GetSecretValue']);
  });
});

describe('an API key', () => {
  it('opens the API and stands nowhere in the table', async () => {
    const { status } = await platform.request('GET', '/v2/core/event_destinations');
    expect(status).toBe(200);
    const { test_key, live_key, publish_key, publish_live_key } = platform.seed;
    const stored = await storedText();
    for (const key of [test_key, live_key, publish_key, publish_live_key]) expect(stored).not.toContain(key);
  });

  it('is nobody’s under another pepper, and opens the API again under its own', async () => {
    const { secrets } = platform.cloud;
    const statusUnder = async (pepper: unknown) => {
      await secrets.handle('PutSecretValue', { SecretId: PEPPER, SecretString: pepper }, OWNER);
      await platform.cloud.lambda.kill(functionName('Api'));
      return (await platform.request('GET', '/v2/core/event_destinations')).status;
    };
    const kept = await secrets.handle('GetSecretValue', { SecretId: PEPPER }, OWNER);
    expect(await statusUnder('another')).toBe(401);
    expect(await statusUnder(isRecord(kept) ? kept.SecretString : undefined)).toBe(200);
  });
});

const functionName = (id: string): string =>
  [...platform.cloud.lambda.counts.keys()].find((name) => name.includes(`-api-${id}`)) ?? '';
