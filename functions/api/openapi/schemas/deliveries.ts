import { DeliveryResponse } from '../../../../shared/deliveries/response.ts';
import { v2ListOf } from '../../lists/response.ts';
import type { SchemaDescription } from '../description.ts';
import { COMMON, V2_LIST } from './common.ts';

export const deliverySchemas = {
  Delivery: {
    schema: DeliveryResponse,
    description: 'One event on its way to one destination.',
    fields: {
      object: COMMON.object,
      event: 'The event’s id.',
      event_destination: 'The destination’s id.',
      event_type: 'The event’s type.',
      livemode: COMMON.livemode,
      status:
        '`pending` until it is `delivered`, `failed` (not within the retries), `canceled` (the destination was disabled, deleted or lost its source) or `skipped` (it was disabled when the event came).',
      reason: 'Why it ended without being delivered.',
      held_by: 'What a pending delivery without a due time waits for.',
      next_attempt: 'When it is tried next; null if it is held or at its end.',
      resendable_until: 'Until when the event can be sent here again.',
      'resendable_until.api': 'By the API and the CLI: for as long as the event is kept.',
      'resendable_until.dashboard': 'By the Dashboard: for 15 days.',
      attempts: 'Every attempt so far, oldest first.',
      'attempts.number': '1 is the first; manual attempts are counted by themselves.',
      'attempts.manual': 'Asked for by `POST /v1/events/{id}/retry`.',
      'attempts.created': 'When it began.',
      'attempts.outcome': 'How it ended.',
      'attempts.aws_error_code': 'AWS’s code of a failure.',
      'attempts.failure_reason': 'Why an attempt at a webhook endpoint failed: `Timed out`, `HTTP 503`.',
      'attempts.http_status': 'The status that a webhook endpoint answered with.',
      'attempts.message': 'What the receiver said, at most 512 bytes.',
      'attempts.duration_ms': 'How long it took, in milliseconds.',
    },
  },
  DeliveryList: { schema: v2ListOf(DeliveryResponse), description: 'A page of deliveries.', fields: V2_LIST },
} as const satisfies Record<string, SchemaDescription>;
