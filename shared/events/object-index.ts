import { accountPartition } from '../accounts/account.ts';
import { env } from '../aws/env.ts';
import { ledger } from '../aws/table.ts';
import { expiry } from '../time.ts';
import type { Event } from './event.ts';

/** Stripe's ids are far shorter; a partition key takes 2,048 bytes, and an object's id in it up to four a character. */
export const MAX_OBJECT_ID = 255;

export const objectIndexIsOn = (): boolean => env('OBJECT_INDEX') === 'on';

/** The object that the event is about, if it says so by an id that can be looked for. */
export function objectIdOf(event: Event): string | undefined {
  const id = event.payload === 'snapshot' ? event.content.data.object.id : event.content.related_object?.id;
  return typeof id === 'string' && id !== '' && id.length <= MAX_OBJECT_ID ? id : undefined;
}

/**
 * Not spread over days and shards: what happens to one object is never a thousand events a second. What JSON says of half a
 * character is put right: a key is UTF-8.
 */
export const objectPartition = ({ account, livemode }: Pick<Event, 'account' | 'livemode'>, objectId: string): string =>
  `${accountPartition(account, livemode)}#object#${objectId.toWellFormed()}`;

/**
 * Makes the event findable by its object's id: its key, and its type, which costs no write unit more and spares the
 * lists that filter by type the event itself. Written after the event at every receipt, the same each time.
 */
export async function indexObject(event: Event): Promise<void> {
  const objectId = objectIdOf(event);
  if (objectId === undefined) return;
  await ledger().put({
    pk: objectPartition(event, objectId),
    sk: event.id,
    type: event.content.type,
    ttl: expiry(event.created),
  });
}
