import { EventSourceResponse } from '../../../../shared/sources/response.ts';
import type { SchemaDescription } from '../description.ts';
import { COMMON } from './common.ts';

export const eventSourceSchemas = {
  EventSource: {
    schema: EventSourceResponse,
    description:
      'The partner event source of an amazon_eventbridge destination: where it stands, and how it came there.',
    fields: {
      object: COMMON.object,
      event_destination: 'The destination’s id.',
      livemode: COMMON.livemode,
      name: 'Its name, which is also the name of the event bus that is associated with it.',
      arn: 'Its ARN.',
      aws_account_id: 'The AWS account that it is shared with.',
      aws_region: 'The AWS Region that it is in.',
      status:
        '`pending` until it is associated with an event bus, then `active`; `pending` again when that is deleted; `unknown` while AWS cannot be asked; `deleted` when it is gone for good.',
      last_known_status: 'What AWS said last. While the status is `unknown`, it goes on to count.',
      since: 'When the status was first seen.',
      expires_at: 'When AWS deletes it, if it is not associated before; null unless it is pending.',
      last_checked: 'When AWS was last asked.',
      last_confirmed_active: 'When AWS last said that it is active: what was put to it before has arrived.',
      returning:
        'It had lost its event bus, and what was put to it in this time is on its way back, to be delivered again; null if there is nothing of the kind.',
      'returning.from': 'When it was last confirmed to be active.',
      'returning.until': 'When it was seen to be pending.',
      history: 'The last twenty changes of the status, newest first.',
      'history.status': 'What it changed to; `creating` is where it begins.',
      'history.at': 'When that was seen.',
      'history.cause':
        '`requested` and `created` by the API, `associated` with an event bus, `event_bus_lost` (deleted or deactivated), `expired` unassociated, `deleted` by whomever, `unreachable` and `reachable` again.',
    },
  },
} as const satisfies Record<string, SchemaDescription>;
