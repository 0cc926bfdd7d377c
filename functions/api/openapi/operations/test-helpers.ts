import type { OperationDescription } from '../description.ts';
import * as examples from '../examples.ts';

const tag = 'Test helpers';

export const testHelperOperations = {
  triggerTestEvent: {
    tag,
    summary: 'Trigger a test event',
    description:
      'Publishes an event of that type to the account itself, with a realistic object. It goes the way of all events, to whoever is subscribed.',
    body: { schema: 'TriggerTestEvent', example: examples.triggerTestEvent },
    answer: {
      schema: ['SnapshotEvent', 'ThinEvent'],
      description: 'The event that was sent.',
      example: examples.snapshotEvent,
    },
    errors: ['test_mode_only', 'event_too_large'],
  },
  listTestEventTypes: {
    tag,
    summary: 'List the types of events that can be triggered',
    answer: {
      schema: 'TestEventTypeList',
      description: 'All of them.',
      example: examples.v2Page(examples.testEventType),
    },
    errors: [],
  },
} as const satisfies Record<string, OperationDescription>;
