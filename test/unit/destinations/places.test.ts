import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Cloud } from '../../../local/cloud.ts';
import { createAccount } from '../../../shared/accounts/account.ts';
import { registry, Table } from '../../../shared/aws/table.ts';
import { takePlace } from '../../../shared/destinations/places.ts';
import { newId } from '../../../shared/ids.ts';
import { startEmbeddedAws } from '../../support/embedded-aws.ts';

let cloud: Cloud;
beforeAll(async () => {
  ({ cloud } = await startEmbeddedAws());
});
afterAll(() => cloud?.close());

/** In test mode. */
async function placesOf(account: string): Promise<unknown[]> {
  const found: unknown[] = [];
  const values = { ':pk': `${account}#test`, ':start': 'place#' };
  for await (const item of registry().query({ expression: 'pk = :pk AND begins_with(sk, :start)', values }))
    found.push(item.destination);
  return found;
}

describe('an event destination', () => {
  it('takes one place, also by a call that was done and not answered', async () => {
    const account = 'acct_unanswered';
    await createAccount(account, 'Unanswered', Date.now());
    const id = newId('ed', false, Date.now());
    // The SDK asks again, and the place is not free any longer.
    const { put } = Table.prototype;
    const unanswered = vi.spyOn(Table.prototype, 'put').mockImplementationOnce(async function (this: Table, ...of) {
      await put.apply(this, of);
      return false;
    });
    await takePlace({ id, account, livemode: false });
    unanswered.mockRestore();
    expect(await placesOf(account)).toEqual([id]);
  });
});
