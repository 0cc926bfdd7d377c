import * as z from 'zod/mini';
import { listDeliveries } from '../../shared/deliveries/list.ts';
import { renderDelivery } from '../../shared/deliveries/render.ts';
import { listAttempts } from '../../shared/deliveries/store.ts';
import { findDestination } from '../../shared/destinations/store.ts';
import { findDeliveryShards, wasDeleted } from '../../shared/destinations/tombstone.ts';
import { findStanding } from '../../shared/health/standing.ts';
import { notFound } from '../../shared/http/errors.ts';
import { isId, timeOf } from '../../shared/ids.ts';
import { intersection, stretchOf } from '../../shared/lists/stretch.ts';
import type { ShardHistory } from '../../shared/shards.ts';
import { SECOND } from '../../shared/time.ts';
import { toPage, v2Page } from '../api/lists/page.ts';
import { readable } from '../api/lists/readable.ts';
import { createdParameters, createdRange, parseV2List } from '../api/lists/v2-query.ts';
import type { ApiRequest, Operation } from '../api/request.ts';

/** `created` is the event's. */
export const DeliveriesQuery = z.strictObject({
  ...createdParameters,
  status: z.optional(z.enum(['pending', 'delivered', 'failed', 'canceled', 'skipped'])),
});

/** `GET /v2/core/event_destinations/{id}/deliveries`: of the newest event first, each with its attempts. */
export const listDestinationDeliveries: Operation = async (request) => {
  const list = parseV2List(request, DeliveriesQuery);
  const { id: destination, livemode } = request;
  const shards = await requireShards(request);
  // Subscribed is who is not younger than the event, in whole seconds.
  const life = { from: Math.floor(timeOf(destination) / SECOND) * SECOND, until: Infinity };
  const range = intersection(createdRange(list.filters), intersection(readable(Date.now()), life));
  const stretch = stretchOf({ prefix: 'evt', livemode }, range, list.position);
  const { status } = list.filters;
  const standing = await findStanding({ id: destination, account: request.account, livemode });
  const found = await listDeliveries({ destination, shards, status, stretch, limit: list.limit });
  const hits = await Promise.all(
    found.hits.map(async (hit) => ({ ...hit, attempts: await listAttempts(hit.delivery) })),
  );
  const page = toPage({ ...found, hits }, list.position, ({ delivery, attempts }) =>
    renderDelivery({ ...delivery, livemode }, delivery, attempts, standing),
  );
  return { body: v2Page(request, list, page) };
};

/** The shards of the account's own destination; of a deleted one, too, because what became of its events stays readable. */
async function requireShards({ api, id, account, livemode }: ApiRequest): Promise<ShardHistory> {
  const ref = { id, account, livemode };
  const known = isId('ed', livemode, id);
  const destination = known ? await findDestination(ref) : undefined;
  if (destination?.lifecycle === 'ready') return destination.delivery_shards;
  if (known && (await wasDeleted(ref))) return findDeliveryShards(ref);
  throw notFound(api, 'event destination', id.slice(0, 100));
}
