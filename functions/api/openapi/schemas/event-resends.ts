import { ResendResponse } from '../../../../shared/resends/response.ts';
import { ResendRequest } from '../../../events/create-event-resend.ts';
import { v2ListOf } from '../../lists/response.ts';
import type { SchemaDescription } from '../description.ts';
import { COMMON, V2_LIST } from './common.ts';

const range = {
  event_created: 'When the events were created.',
  'event_created.gte': 'At that instant or later; what is older than 30 days is gone.',
  'event_created.lt': 'Before that instant; now without it.',
};

export const eventResendSchemas = {
  CreateEventResend: {
    schema: ResendRequest,
    description: 'What to send to a destination again.',
    fields: {
      event_destination: 'The destination’s id.',
      ...range,
      statuses:
        'Of deliveries that ended so; what is pending comes by itself. With `delivered` and all others it is everything of the range.',
    },
  },
  EventResend: {
    schema: ResendResponse,
    description: 'A bulk resend: a job that sends a destination again what ended in a range of time.',
    fields: {
      id: COMMON.id,
      object: COMMON.object,
      created: 'When it was begun.',
      ...range,
      event_destination: 'The destination’s id.',
      livemode: COMMON.livemode,
      progress: 'How far it has come.',
      'progress.matched': 'Deliveries that it is for, so far.',
      'progress.sent': 'Those of them that were sent.',
      'progress.through': 'The events of before that instant are done.',
      status: '`in_progress` (also while the destination holds its deliveries), `completed` or `canceled`.',
      status_details: 'Why it was canceled; null otherwise.',
      'status_details.canceled': 'Why it was canceled.',
      'status_details.canceled.reason': '`user`, or what became of the destination.',
      statuses: 'Of deliveries that ended so.',
      updated: 'When it last went on.',
    },
  },
  EventResendList: { schema: v2ListOf(ResendResponse), description: 'A page of bulk resends.', fields: V2_LIST },
} as const satisfies Record<string, SchemaDescription>;
