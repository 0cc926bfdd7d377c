import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { Table } from '../../../shared/aws/table.ts';
import { reserveId } from '../../../shared/idempotency.ts';
import { newId } from '../../../shared/ids.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';

let cloud: Cloud;
beforeAll(async () => {
  ({ cloud } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

const reserve = (key: string, fingerprint = 'POST /') => {
  const request = { account: 'acct_1', livemode: false, api: 'v2', key, fingerprint } as const;
  return reserveId({ ...request, newId: () => newId('ed', false, Date.now()) }, { exclusive: true });
};

describe('the reservation of an id for an idempotency key', () => {
  it('is no other request’s when the call was done and not answered', async () => {
    // The SDK asks again, and the key is there.
    const { put } = Table.prototype;
    vi.spyOn(Table.prototype, 'put').mockImplementationOnce(async function (this: Table, ...of) {
      await put.apply(this, of);
      return false;
    });
    expect(await reserve('unanswered')).toEqual({ id: expect.stringMatching(/^ed_test_/), replayed: false });
    await expect(reserve('unanswered')).rejects.toMatchObject({ status: 409 });
  });
});
