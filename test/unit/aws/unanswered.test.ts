import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What AWS answers to each operation, from its second call on: the first is never answered. */
const ANSWERS: Readonly<Record<string, (body: string) => object>> = {
  GetItem: () => ({ Item: { pk: { S: 'a' }, sk: { S: 'b' }, encrypted: { B: 'AAAA' } } }),
  SendMessage: (body) => ({ MessageId: 'id', MD5OfMessageBody: md5(JSON.parse(body).MessageBody) }),
  StartExecution: () => ({ executionArn: 'arn', startDate: 0 }),
  Decrypt: () => ({ Plaintext: 'AAAA' }),
  GetSecretValue: () => ({ SecretString: 'pepper' }),
  PutPartnerEvents: () => ({ Entries: [{ EventId: 'id' }] }),
};
const md5 = (of: string) => createHash('md5').update(of).digest('hex');

const calls = new Map<string, number>();
const server = createServer(async (request, response) => {
  const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
  const body = await text(request);
  const count = (calls.get(operation) ?? 0) + 1;
  calls.set(operation, count);
  if (count > 1) response.end(JSON.stringify(ANSWERS[operation]?.(body) ?? {}));
});

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ AWS_REGION: 'us-east-1', AWS_ACCESS_KEY_ID: '000000000000', AWS_SECRET_ACCESS_KEY: 'secret' },
    ...{
      LEDGER_TABLE: 'ledger',
      REGISTRY_TABLE: 'registry',
      RETRY_STATE_MACHINE_ARN: 'arn',
      SIGNING_SECRETS_KEY: 'key',
    },
  });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** Under the shortest time-out of a function that calls AWS. */
const SOON = 15_000;

describe('a call of AWS that is not answered', () => {
  it('is made again while the function has time', { timeout: SOON }, async () => {
    const { ledger } = await import('../../../shared/aws/table.ts');
    const { sendMessage } = await import('../../../shared/aws/queue.ts');
    const { startRetry } = await import('../../../shared/aws/executions.ts');
    const { dataKey } = await import('../../../shared/secrets/data-key.ts');
    const { readPepper } = await import('../../../shared/accounts/pepper.ts');
    const { partner } = await import('../../../shared/sources/modes/partner.ts');
    const entry = { Time: new Date(), Source: 's', Resources: [], DetailType: 't', Detail: '{}' };
    await Promise.all([
      ledger().get({ pk: 'a', sk: 'b' }).then(dataKey),
      sendMessage('https://sqs.us-east-1.amazonaws.com/000000000000/queue', { body: 'text', group: 'g' }),
      startRetry('name', {}),
      readPepper('secret'),
      partner.put('us-east-1', [entry]),
    ]);
    expect([...calls.keys()].sort()).toEqual(Object.keys(ANSWERS).sort());
    for (const count of calls.values()) expect(count).toBeGreaterThan(1);
  });
});
