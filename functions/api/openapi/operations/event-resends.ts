import type { OperationDescription } from '../description.ts';
import * as examples from '../examples.ts';
import { V2_PAGE } from '../parameters.ts';

const tag = 'Deliveries';
const answer = { schema: 'EventResend', description: 'The bulk resend.', example: examples.eventResend } as const;

export const eventResendOperations = {
  createEventResend: {
    tag,
    summary: 'Resend in bulk',
    description:
      'What failed, was canceled or was skipped is pending again, with retries in a new window; what is delivered gets a copy, once, and stays delivered. It goes out ten a second at first, up to a hundred, and waits while the circuit breaker is open. One at a time for each destination.',
    body: { schema: 'CreateEventResend', example: examples.createEventResend },
    answer,
    errors: ['not_found', 'event_destination_disabled', 'event_resend_in_progress'],
  },
  listEventResends: {
    tag,
    summary: 'List bulk resends, newest first',
    query: [
      ...V2_PAGE,
      { name: 'event_destination', in: 'query', description: 'Of that destination.', schema: { type: 'string' } },
    ],
    answer: {
      schema: 'EventResendList',
      description: 'A page of the account’s bulk resends.',
      example: examples.v2Page(examples.eventResend),
    },
    errors: [],
  },
  retrieveEventResend: { tag, summary: 'Retrieve a bulk resend, with its progress', answer, errors: [] },
  cancelEventResend: {
    tag,
    summary: 'Cancel a bulk resend',
    description: 'What has been sent is not taken back, and goes on by itself.',
    body: { schema: 'NoParameters', optional: true, example: {} },
    answer: {
      ...answer,
      example: { ...examples.eventResend, status: 'canceled', status_details: { canceled: { reason: 'user' } } },
    },
    errors: ['event_resend_ended'],
  },
} as const satisfies Record<string, OperationDescription>;
