import { CreateRequest } from '../../../../shared/destinations/create-request.ts';
import type { Destination } from '../../../../shared/destinations/destination.ts';
import { LIMITS, RESERVED_KEYS } from '../../../../shared/destinations/request-fields.ts';
import { DeletedEventDestination, EventDestinationResponse } from '../../../../shared/destinations/response.ts';
import { SetupResponse } from '../../../../shared/destinations/setup.ts';
import { typeNames } from '../../../../shared/destinations/types.ts';
import { UpdateRequest } from '../../../../shared/destinations/update-request.ts';
import { MAX_LENGTH as MAX_URL_LENGTH } from '../../../../shared/destinations/webhook-endpoint/url.ts';
import { ANSWERED, MAX_TYPE_LENGTH, TYPE_PATTERN } from '../../../../shared/events/types.ts';
import { ConfirmRequest, ConfirmResponse } from '../../../event-sources/confirm-event-bus.ts';
import { v2ListOf } from '../../lists/response.ts';
import { NoParameters } from '../../no-parameters.ts';
import { RollRequest } from '../../operations/roll-signing-secret.ts';
import type { JsonSchema, SchemaDescription } from '../description.ts';
import { COMMON, V2_LIST, when } from './common.ts';

const enabledEvents = {
  description: 'The types of events to receive, or `*` for all but those that wait for an answer.',
  items: { type: 'string', anyOf: [{ const: '*' }, { maxLength: MAX_TYPE_LENGTH, pattern: TYPE_PATTERN }] },
} satisfies JsonSchema;

const metadata = (description: string) =>
  ({ description, allOf: [{ propertyNames: { not: { enum: RESERVED_KEYS } } }] }) satisfies JsonSchema;

/** Code checks more of it: the host, and in live mode https. */
const url = {
  description: 'Where to send events: https, in test mode also http. No user name or fragment.',
  maxLength: MAX_URL_LENGTH,
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?:\\/\\/[^\\/\\s\\\\][^\\s\\\\]*$',
} satisfies JsonSchema;

const region = (regions: readonly string[] | undefined) => ({
  description: 'The AWS Region of the event source.',
  ...(regions && { enum: [...regions] }),
});

/** The parameters of its own type are required, and those of another refused. */
const ownParameters = (type: Destination['type']) =>
  when('type', type, {
    required: [type],
    properties: Object.fromEntries(typeNames.filter((other) => other !== type).map((other) => [other, false])),
  });

const THIN_TYPE = '^(?:\\*$|v[12]\\.)';
const SNAPSHOT_TYPE = '^(?!v[12]\\.)';
const eventTypes = (pattern: string) =>
  ({ enabled_events: { type: 'array', items: { type: 'string', pattern } } }) as const;
const answered = [...ANSWERED].flatMap((type) => [type, `v1.${type}`]);

const ACROSS_FIELDS: JsonSchema = {
  allOf: [
    ...typeNames.map(ownParameters),
    when('event_payload', 'thin', { properties: { ...eventTypes(THIN_TYPE), snapshot_api_version: false } }),
    when('event_payload', 'snapshot', {
      properties: {
        ...eventTypes(SNAPSHOT_TYPE),
        events_from: {
          type: 'array',
          not: {
            allOf: [{ contains: { enum: ['self', '@self'] } }, { contains: { enum: ['other_accounts', '@accounts'] } }],
          },
        },
      },
    }),
    when('type', 'amazon_eventbridge', {
      properties: { enabled_events: { type: 'array', items: { not: { enum: answered } } } },
    }),
  ],
};

/** `regions` are those in which customers may have destinations. */
export const eventDestinationSchemas = (regions: readonly string[] | undefined) =>
  ({
    EventDestination: {
      schema: EventDestinationResponse,
      description: 'An event destination: where an account’s events are sent.',
      fields: {
        ...COMMON,
        amazon_eventbridge: 'Amazon EventBridge; only for that type.',
        'amazon_eventbridge.aws_account_id': 'The AWS account that receives the events.',
        'amazon_eventbridge.aws_event_source_arn': 'The ARN of the event source; its Region is in it.',
        'amazon_eventbridge.aws_event_source_status':
          '`pending` until the customer associates it with an event bus; `unknown` while AWS cannot be asked.',
        webhook_endpoint: 'The webhook endpoint; only for that type.',
        'webhook_endpoint.signing_secret': 'What signs the events; only on creation, and only when included.',
        'webhook_endpoint.url': 'Where events are sent; null unless included.',
        created: 'When it was created.',
        description: 'What it is for; empty without one.',
        enabled_events: 'The types of events that it receives.',
        event_payload: '`snapshot` events hold the object, `thin` events its id.',
        events_from:
          'Whose events: the account’s own, or those of accounts connected to it. Spelled by Stripe-Version.',
        metadata: 'Your own keys and values.',
        name: 'Its name.',
        snapshot_api_version:
          'The API version that snapshot events are rendered in; null is the one they were published in.',
        status: 'Whether it receives events.',
        status_details: 'Why it is disabled; null while it is enabled.',
        'status_details.disabled': 'Why it is disabled.',
        'status_details.disabled.reason':
          '`user`: by the user, or by the platform because it failed for days; or its AWS event source is gone.',
        type: 'The type of destination.',
        updated: 'When it was last changed.',
      },
    },
    EventDestinationList: {
      schema: v2ListOf(EventDestinationResponse),
      description: 'A page of event destinations.',
      fields: V2_LIST,
    },
    DeletedEventDestination: {
      schema: DeletedEventDestination,
      description: 'What is left of a deleted event destination.',
      fields: { id: COMMON.id, object: COMMON.object },
    },
    CreateEventDestination: {
      schema: CreateRequest,
      description: 'A new event destination.',
      fields: {
        name: 'Its name.',
        description: 'What it is for.',
        type: 'The type of destination. Cannot be changed.',
        enabled_events: enabledEvents,
        event_payload: '`snapshot` or `thin` events. Cannot be changed.',
        events_from: 'Whose events; `self` without it. Old and new spellings are taken. Cannot be changed.',
        include: 'Fields that are null in the answer unless they are asked for.',
        metadata: { ...metadata('Your own keys and values.'), maxProperties: LIMITS.metadata.keys },
        snapshot_api_version: 'The API version to render snapshot events in. Cannot be changed.',
        amazon_eventbridge: 'Where the event source is created. Required for that type.',
        'amazon_eventbridge.aws_account_id': 'The AWS account that is to receive the events.',
        'amazon_eventbridge.aws_region': region(regions),
        webhook_endpoint: 'Where events are posted. Required for that type.',
        'webhook_endpoint.url': url,
      },
      also: ACROSS_FIELDS,
    },
    UpdateEventDestination: {
      schema: UpdateRequest,
      description: 'What to change; what is not named stays.',
      fields: {
        name: 'Its name.',
        description: 'What it is for.',
        enabled_events: enabledEvents,
        include: 'Fields that are null in the answer unless they are asked for.',
        metadata: metadata('Merged into the metadata; a key with null is taken away.'),
        amazon_eventbridge: null,
        webhook_endpoint: 'Only for destinations of that type.',
        'webhook_endpoint.url': url,
      },
    },
    RollSigningSecret: {
      schema: RollRequest,
      description: 'How the signing secret is rolled.',
      fields: {
        expire_current_in:
          'For how many seconds the secrets of before go on signing: at most a day, 0 if one has leaked.',
        include: 'Fields that are null in the answer unless they are asked for.',
      },
    },
    EventDestinationSetup: {
      schema: SetupResponse,
      description: 'What the customer does on his own side so that events arrive, and means to do it.',
      fields: {
        object: COMMON.object,
        event_destination: 'The destination’s id.',
        livemode: COMMON.livemode,
        delivery: 'How events come into the customer’s EventBridge.',
        event_source_name: 'What `source` of its events is.',
        publisher_aws_account_id: 'For an event bus: the AWS account that puts the events.',
        echo_endpoint: 'For an event bus: where the token of a probe is sent.',
        aws_event_source_status: 'As the event destination shows it.',
        steps: 'What is to be done, in this order.',
        'steps.id': 'Names the step.',
        'steps.status':
          '`not_visible` is what only the customer can know, `unknown` what could not be found out just now.',
        'steps.title': 'What to do.',
        'steps.description': 'Why, and what happens otherwise.',
        'steps.aws_cli': 'Commands of the AWS CLI that do it, one after the other, for a POSIX shell.',
        console_url: 'The page of the AWS console on which it is done by hand.',
        cdk: 'A whole CDK app in TypeScript that does all of it.',
        cloudformation: 'A CloudFormation template that does all of it.',
        'cloudformation.json': 'As JSON.',
        'cloudformation.yaml': 'As YAML.',
      },
    },
    ConfirmEventBus: {
      schema: ConfirmRequest,
      description: 'What came back.',
      fields: { token: 'The token of a probe.' },
    },
    EventBusConfirmation: {
      schema: ConfirmResponse,
      description: 'The event destination whose event bus is confirmed.',
      fields: { object: COMMON.object, event_destination: 'The destination’s id.' },
    },
    NoParameters: { schema: NoParameters, description: 'Takes no parameters.', fields: {} },
  }) as const satisfies Record<string, SchemaDescription>;
