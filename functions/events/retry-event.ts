import * as z from 'zod/mini';
import { findAccount } from '../../shared/accounts/account.ts';
import { env } from '../../shared/aws/env.ts';
import { sendMessage } from '../../shared/aws/queue.ts';
import { type DeliveryMessage, toQueue, webhooksFor } from '../../shared/deliveries/message.ts';
import { pendingWebhooks } from '../../shared/deliveries/undelivered.ts';
import type { Destination } from '../../shared/destinations/destination.ts';
import { findDestination } from '../../shared/destinations/store.ts';
import { wasDeleted } from '../../shared/destinations/tombstone.ts';
import { destinationTypes } from '../../shared/destinations/types.ts';
import { packContent } from '../../shared/events/codec.ts';
import { renderEvent } from '../../shared/events/render.ts';
import type { RecordedEvent } from '../../shared/events/store.ts';
import { ApiError, invalidField, notFound } from '../../shared/http/errors.ts';
import { validated } from '../../shared/http/validation.ts';
import { idempotently } from '../../shared/idempotency.ts';
import { dayOf, isId, newId, timeOf } from '../../shared/ids.ts';
import { shardOf, shardsOn } from '../../shared/shards.ts';
import { isoTime, oldestReadable } from '../../shared/time.ts';
import { requireEvent } from '../api/find-event.ts';
import { idempotentRequest } from '../api/idempotent-request.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../api/request.ts';

/** As Stripe's CLI sends it for `stripe events resend`. */
export const RetryRequest = z.strictObject({
  webhook_endpoint: z.optional(z.string()),
  for_stripecli: z.optional(z.union([z.boolean(), z.string()])),
  account: z.optional(z.string()),
});

/** `POST /v1/events/{id}/retry`: a manual attempt, now, to a destination that matched the event when it came. */
export const retryEvent: Operation = async (request) => {
  const { webhook_endpoint, account } = validated(RetryRequest, request.body);
  if (webhook_endpoint === undefined)
    throw invalidField(
      'webhook_endpoint',
      "Say to which event destination: --webhook-endpoint=ed_…. There are no sessions of 'stripe listen' here.",
    );
  const recorded = await requireReceivedEvent(request, account ?? request.account);
  const destination = await requireMatched(request, recorded, webhook_endpoint);
  const pending = await pendingWebhooks(recorded, request.account);
  const body = renderEvent(recorded.event, { for: request.account, fetched: true, pendingWebhooks: pending });
  const once = idempotentRequest(request, () => newId('evt', request.livemode, Date.now()));
  return idempotently(once, async ({ id, replayed }) => {
    if (replayed) return { body, headers: REPLAYED };
    const message = toQueue(manualMessage(recorded, destination, id));
    await sendMessage(env(destinationTypes[destination.type].deliveriesQueue), message);
    return { body };
  });
};

/** The event, of the account itself or, with `account`, of one that is connected to it. */
async function requireReceivedEvent(request: ApiRequest, account: string) {
  const owner = await findAccount(account, request.livemode);
  const mayRead = account === request.account || owner?.connected_to.includes(request.account);
  if (!owner || !mayRead) throw notFound(request.api, 'event', request.id.slice(0, 100));
  requireYoung(request);
  const recorded = await requireEvent({ ...request, account });
  return { ...recorded, shard: shardOf(request.id, shardsOn(owner.event_shards, dayOf(request.id))) };
}

/** Before it is looked for: it may still be there, because the Ledger forgets late. */
function requireYoung({ id, livemode }: ApiRequest): void {
  const oldest = oldestReadable(Date.now());
  if (!isId('evt', livemode, id) || timeOf(id) >= oldest) return;
  throw new ApiError(
    404,
    'resource_missing',
    `No such event: '${id}'. It is too old to be resent: events are kept since ${isoTime(oldest)}.`,
    { param: 'id' },
  );
}

async function requireMatched({ account, livemode }: ApiRequest, { event, destinations }: RecordedEvent, id: string) {
  const ref = { id, account, livemode };
  const known = isId('ed', livemode, id);
  const found = known ? await findDestination(ref) : undefined;
  if (found?.lifecycle !== 'ready') throw noDestination(id, known && (await wasDeleted(ref)));
  if (!destinations.some((matched) => matched.id === id && matched.account === account))
    throw invalidField(
      'webhook_endpoint',
      `'${id}' was not subscribed to '${event.content.type}' when the event was generated, so that it is not sent there.`,
    );
  const gone = destinationTypes[found.type].gone(found);
  if (gone !== undefined)
    throw invalidField(
      'webhook_endpoint',
      `Nothing can be sent to '${id}' any more. ${gone} Create a new event destination.`,
    );
  if (found.status === 'disabled')
    throw invalidField('webhook_endpoint', `'${id}' is disabled. Enable it before resending.`);
  return found;
}

const noDestination = (id: string, deleted: boolean) =>
  new ApiError(
    404,
    'resource_missing',
    deleted
      ? `No such event destination: '${id}'. It was deleted: what was sent to it cannot be sent to another one.`
      : `No such event destination: '${id.slice(0, 100)}'`,
    { param: 'webhook_endpoint' },
  );

const manualMessage = (
  { event, destinations, shard }: RecordedEvent & { readonly shard: number },
  { id: destination, account: owner, type }: Destination,
  manual: string,
): DeliveryMessage => ({
  v: 1,
  event: event.id,
  event_type: event.content.type,
  account: event.account,
  event_shard: shard,
  destination,
  owner,
  livemode: event.livemode,
  attempt: 0,
  manual,
  again: true,
  ...webhooksFor({ type, account: owner }, destinations),
  content: Buffer.from(packContent(event.content)).toString('base64'),
});
