import { accountPartition } from '../accounts/account.ts';
import { ABSENT, type Item, type Key, ledger, recordOf } from '../aws/table.ts';
import { expiry, isExpired } from '../time.ts';
import type { Resend, ResendRef } from './resend.ts';

const partition = (account: string, livemode: boolean) => `${accountPartition(account, livemode)}#resends`;
const keyOf = ({ id, account, livemode }: ResendRef): Key => ({ pk: partition(account, livemode), sk: id });
const toResend = (item: Item): Resend => recordOf(item, 'ttl');

/** False when there is one of that id. */
export const insertResend = (resend: Resend): Promise<boolean> =>
  ledger().put({ ...keyOf(resend), ...resend, ttl: expiry(resend.created) }, ABSENT);

export async function findResend(ref: ResendRef): Promise<Resend | undefined> {
  const item = await ledger().get(keyOf(ref));
  return item && toResend(item);
}

/** Those of an account that can still be read, newest first. */
export async function listResends(account: string, livemode: boolean, now: number): Promise<Resend[]> {
  const found: Resend[] = [];
  const values = { ':pk': partition(account, livemode) };
  for await (const item of ledger().query({ expression: 'pk = :pk', values, newestFirst: true })) {
    const resend = toResend(item);
    if (!isExpired(resend.created, now)) found.push(resend);
  }
  return found;
}

interface Change {
  readonly set: Partial<Resend>;
  /** Holds of the record as it is. */
  readonly where: Partial<Resend>;
}

/** Sets attributes on condition of others; undefined when the condition does not hold. */
export async function changeResend(ref: ResendRef, { set, where }: Change): Promise<Resend | undefined> {
  const sets = Object.entries(set);
  const conditions = Object.entries(where);
  const names = [...sets, ...conditions].map(([name]): [string, string] => [`#${name}`, name]);
  const item = await ledger().change(
    keyOf(ref),
    {
      expression: `SET ${sets.map(([name]) => `#${name} = :${name}`).join(', ')}`,
      names: Object.fromEntries(names),
      values: Object.fromEntries([
        ...sets.map(([name, value]) => [`:${name}`, value]),
        ...conditions.map(([name, value]) => [`:was_${name}`, value]),
      ]),
    },
    conditions.map(([name]) => `#${name} = :was_${name}`).join(' AND '),
  );
  return item && toResend(item);
}
