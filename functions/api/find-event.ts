import { findAccount } from '../../shared/accounts/account.ts';
import { findEvent, type RecordedEvent } from '../../shared/events/store.ts';
import { notFound, SHOULD_RETRY } from '../../shared/http/errors.ts';
import { dayOf, isId, timeOf } from '../../shared/ids.ts';
import { shardOf, shardsOn } from '../../shared/shards.ts';
import { isExpired, MINUTE } from '../../shared/time.ts';
import type { ApiRequest } from './request.ts';

/** An id that young may be an event that dispatch has not written yet: the SDKs are told to try again. */
const NOT_YET_WRITTEN = 5 * MINUTE;

/** The event of the path, if it is the account's own and young enough. Throws 404. */
export async function requireEvent({ api, id, account, livemode }: ApiRequest): Promise<RecordedEvent> {
  const shown = id.slice(0, 100);
  if (!isId('evt', livemode, id)) throw notFound(api, 'event', shown);
  const age = Date.now() - timeOf(id);
  const owner = isExpired(timeOf(id), Date.now()) ? undefined : await findAccount(account, livemode);
  const shards = owner && shardsOn(owner.event_shards, dayOf(id));
  const found = shards && (await findEvent({ id, account, livemode }, shardOf(id, shards)));
  if (!found) throw notFound(api, 'event', shown, Math.abs(age) < NOT_YET_WRITTEN ? SHOULD_RETRY : undefined);
  return found;
}
