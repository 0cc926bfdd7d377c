import { findAccount } from '../../shared/accounts/account.ts';
import { type EventAddress, findEvent, type RecordedEvent } from '../../shared/events/store.ts';
import { notFound, SHOULD_RETRY } from '../../shared/http/errors.ts';
import { dayOf, isId, timeOf } from '../../shared/ids.ts';
import { shardOf, shardsOn } from '../../shared/shards.ts';
import { isExpired, MINUTE } from '../../shared/time.ts';
import type { ApiRequest } from './request.ts';

/** An id that young may be an event that dispatch has not written yet: the SDKs are told to try again. */
const NOT_YET_WRITTEN = 5 * MINUTE;

/** The account's own event of that id, if dispatch has written it and it is young enough. */
export async function findOwnEvent({ id, account, livemode }: EventAddress): Promise<RecordedEvent | undefined> {
  const owner = isExpired(timeOf(id), Date.now()) ? undefined : await findAccount(account, livemode);
  return owner && findEvent({ id, account, livemode }, shardOf(id, shardsOn(owner.event_shards, dayOf(id))));
}

/** The event of the path. Throws 404. */
export async function requireEvent(request: ApiRequest): Promise<RecordedEvent> {
  const { api, id, livemode } = request;
  const shown = id.slice(0, 100);
  if (!isId('evt', livemode, id)) throw notFound(api, 'event', shown);
  const age = Date.now() - timeOf(id);
  const found = await findOwnEvent(request);
  if (!found) throw notFound(api, 'event', shown, Math.abs(age) < NOT_YET_WRITTEN ? SHOULD_RETRY : undefined);
  return found;
}
