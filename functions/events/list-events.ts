import * as z from 'zod/mini';
import { findAccount } from '../../shared/accounts/account.ts';
import type { EventFilter } from '../../shared/events/filter.ts';
import { type EventHit, listEvents } from '../../shared/events/list.ts';
import { MAX_OBJECT_ID } from '../../shared/events/object-index.ts';
import { renderEvent } from '../../shared/events/render.ts';
import { notFound } from '../../shared/http/errors.ts';
import { intersection, type Position, stretchOf, type TimeRange } from '../../shared/lists/stretch.ts';
import { toPage, v2Page } from '../api/lists/page.ts';
import { eventTypes } from '../api/lists/query.ts';
import { readable } from '../api/lists/readable.ts';
import { parseV1List } from '../api/lists/v1-query.ts';
import { createdParameters, createdRange, parseV2List } from '../api/lists/v2-query.ts';
import type { ApiRequest, Operation } from '../api/request.ts';

export const ThinQuery = z.strictObject({
  ...createdParameters,
  object_id: z.optional(z.string().check(z.minLength(1), z.maxLength(MAX_OBJECT_ID))),
  types: z.optional(eventTypes('thin')),
});

/** `GET /v2/core/events`: the account's thin events, newest first. */
export const listThinEvents: Operation = async (request) => {
  const list = parseV2List(request, ThinQuery);
  const { types, object_id: objectId } = list.filters;
  const page = await pageOf(request, {
    ...list,
    range: createdRange(list.filters),
    filter: { payload: 'thin', types, objectId },
  });
  return { body: v2Page(request, list, page) };
};

/** `GET /v1/events`: the account's snapshot events, newest first. */
export const listSnapshotEvents: Operation = async (request) => {
  const { shown, goesOnAfter } = await pageOf(request, parseV1List(request));
  const data = shown.map(({ body }) => body);
  return { body: { object: 'list', url: request.path, has_more: goesOnAfter !== undefined, data } };
};

export interface EventListRequest {
  readonly filter: EventFilter;
  readonly range: TimeRange;
  readonly position: Position | undefined;
  readonly limit: number;
}

async function pageOf(request: ApiRequest, { filter, range, position, limit }: EventListRequest) {
  const account = await findAccount(request.account, request.livemode);
  if (!account) throw notFound(request.api, 'account', request.account);
  const within = intersection(range, readable(Date.now()));
  const stretch = stretchOf({ prefix: 'evt', livemode: request.livemode }, within, position);
  const found = await listEvents({ account, filter, stretch, limit });
  const render = ({ recorded: { event }, pendingWebhooks }: EventHit) =>
    renderEvent(event, { for: request.account, fetched: true, pendingWebhooks });
  return toPage(found, position, render);
}
