import { renderEvent } from '../../../shared/events/render.ts';
import type { Payload } from '../../../shared/events/types.ts';
import { notFound } from '../../../shared/http/errors.ts';
import { requireEvent } from '../find-event.ts';
import type { ApiRequest, Operation } from '../request.ts';

export const retrieveSnapshotEvent: Operation = (request) => retrieve('snapshot', request);
export const retrieveThinEvent: Operation = (request) => retrieve('thin', request);

async function retrieve(payload: Payload, request: ApiRequest) {
  const { event } = await requireEvent(request);
  if (event.payload !== payload) throw notFound(request.api, 'event', event.id);
  return { body: renderEvent(event, { for: request.account, fetched: true }) };
}
