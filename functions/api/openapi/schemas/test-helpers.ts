import { TestEventType } from '../../../../shared/test-events/response.ts';
import { testEventTypes } from '../../../../shared/test-events/test-event.ts';
import { TriggerRequest } from '../../../test-helpers/trigger-test-event.ts';
import { v2ListOf } from '../../lists/response.ts';
import type { SchemaDescription } from '../description.ts';
import { COMMON, V2_LIST } from './common.ts';

export const testHelperSchemas = {
  TriggerTestEvent: {
    schema: TriggerRequest,
    description: 'A realistic event to publish to yourself.',
    fields: {
      type: { description: 'Its type.', enum: testEventTypes.map(({ type }) => type) },
      overrides: 'Fields of its object, or of a v2 event’s data, that are to be otherwise; objects are merged.',
      scenario: 'A name of your own: events of one scenario are about the same objects.',
    },
  },
  TestEventType: {
    schema: TestEventType,
    description: 'A type of event that can be triggered.',
    fields: {
      object: COMMON.object,
      type: 'The type.',
      event_payload: 'Whether it is a snapshot or a thin event.',
    },
  },
  TestEventTypeList: {
    schema: v2ListOf(TestEventType),
    description: 'Every type of event that can be triggered, by name.',
    fields: { ...V2_LIST, data: 'The types, by name.' },
  },
} as const satisfies Record<string, SchemaDescription>;
