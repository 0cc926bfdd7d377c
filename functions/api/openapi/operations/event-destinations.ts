import type { OperationDescription } from '../description.ts';
import * as examples from '../examples.ts';
import { INCLUDE, V2_PAGE } from '../parameters.ts';

const tag = 'Event destinations';
const answer = {
  schema: 'EventDestination',
  description: 'The event destination.',
  example: examples.eventDestination,
} as const;
const noParameters = { schema: 'NoParameters', optional: true, example: {} } as const;

export const eventDestinationOperations = {
  createEventDestination: {
    tag,
    summary: 'Create an event destination',
    description:
      'For `amazon_eventbridge` the event source is created in the customer’s AWS account and Region; the customer associates it with an event bus within seven days. At most 16 in each account and mode.',
    body: { schema: 'CreateEventDestination', example: examples.createEventDestination },
    answer,
    errors: [
      'event_destination_limit_reached',
      'aws_limit_exceeded',
      'partner_not_authorized',
      'aws_event_source_name_taken',
      'aws_concurrent_modification',
      'aws_throttled',
      'aws_unavailable',
      // A repeat of the creation of a destination that was deleted since.
      'not_found',
    ],
  },
  listEventDestinations: {
    tag,
    summary: 'List event destinations, newest first',
    query: [...V2_PAGE, INCLUDE],
    answer: {
      schema: 'EventDestinationList',
      description: 'A page of the account’s event destinations.',
      example: examples.v2Page(examples.eventDestination),
    },
    errors: [],
  },
  retrieveEventDestination: {
    tag,
    summary: 'Retrieve an event destination',
    description: 'The status of an event source that is older than a minute is asked of AWS anew.',
    query: [INCLUDE],
    answer,
    errors: [],
  },
  retrieveEventSource: {
    tag,
    summary: 'Retrieve the event source of an amazon_eventbridge destination',
    description:
      'Its status, since when, until when, and every change of it. A status that is older than a minute is asked of AWS anew.',
    answer: { schema: 'EventSource', description: 'The event source.', example: examples.eventSource },
    errors: [],
  },
  updateEventDestination: {
    tag,
    summary: 'Update an event destination',
    body: { schema: 'UpdateEventDestination', optional: true, example: examples.update },
    answer,
    errors: ['concurrent_modification'],
  },
  deleteEventDestination: {
    tag,
    summary: 'Delete an event destination',
    description:
      'With its event source. What was still to be delivered is canceled; what became of its events stays readable.',
    answer: { schema: 'DeletedEventDestination', description: 'It is deleted.', example: examples.deleted },
    errors: ['aws_deletion_pending', 'partner_not_authorized'],
  },
  disableEventDestination: {
    tag,
    summary: 'Disable an event destination',
    description: 'It receives no events until it is enabled; pending deliveries are canceled when they come up.',
    body: noParameters,
    answer: {
      ...answer,
      example: { ...examples.eventDestination, status: 'disabled', status_details: { disabled: { reason: 'user' } } },
    },
    errors: ['concurrent_modification'],
  },
  enableEventDestination: {
    tag,
    summary: 'Enable an event destination',
    body: noParameters,
    answer,
    errors: ['event_destination_gone', 'concurrent_modification'],
  },
  rollSigningSecret: {
    tag,
    summary: 'Roll the signing secret of a webhook endpoint',
    description: 'A new secret signs from now on; those of before sign beside it for as long as the request says.',
    body: { schema: 'RollSigningSecret', optional: true, example: examples.rollSigningSecret },
    answer: { ...answer, example: examples.webhookEndpoint },
    errors: ['no_signing_secret', 'too_many_signing_secrets', 'concurrent_modification'],
  },
  pingEventDestination: {
    tag,
    summary: 'Ping an event destination',
    description: 'Sends it an event of type `v2.core.event_destination.ping`, whatever types it has enabled.',
    body: noParameters,
    answer: { schema: 'ThinEvent', description: 'The event that was sent.', example: examples.ping },
    errors: ['event_destination_disabled'],
  },
  retrieveEventDestinationSetup: {
    tag,
    summary: 'Retrieve what is still to be done on the customer’s side',
    description:
      'Ready-made AWS CLI commands, a CDK app and CloudFormation templates for an `amazon_eventbridge` destination. There is none for other types.',
    answer: { schema: 'EventDestinationSetup', description: 'The setup.', example: examples.setup },
    errors: [],
  },
} as const satisfies Record<string, OperationDescription>;

export const echoOperations = {
  confirmEventBus: {
    tag,
    summary: 'Confirm the event bus of an event destination',
    description:
      'Where deliveries go to an event bus, its echo sends the token of each probe here. A token is good once, for ten minutes. Needs no key.',
    body: { schema: 'ConfirmEventBus', example: { token: 'k3u8Hj2mQpL0sVbN4rTyW6xZ1aCdEfGh' } },
    answer: { schema: 'EventBusConfirmation', description: 'It is confirmed.', example: examples.confirmation },
    errors: [],
  },
} as const satisfies Record<string, OperationDescription>;
