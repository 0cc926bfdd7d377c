import { pendingWebhooks } from '../../shared/deliveries/undelivered.ts';
import { renderEvent } from '../../shared/events/render.ts';
import type { Payload } from '../../shared/events/types.ts';
import { notFound } from '../../shared/http/errors.ts';
import { requireEvent } from '../api/find-event.ts';
import type { ApiRequest, Operation } from '../api/request.ts';

export const retrieveSnapshotEvent: Operation = (request) => retrieve('snapshot', request);
export const retrieveThinEvent: Operation = (request) => retrieve('thin', request);

async function retrieve(payload: Payload, request: ApiRequest) {
  const { account } = request;
  const recorded = await requireEvent(request);
  const { event } = recorded;
  if (event.payload !== payload) throw notFound(request.api, 'event', event.id);
  const pending = await pendingWebhooks(recorded, account);
  return { body: renderEvent(event, { for: account, fetched: true, pendingWebhooks: pending }) };
}
