import { modeOf } from '../../../sources/modes/index.ts';
import { type EventSource, statusOf } from '../../../sources/source.ts';
import { isoTime } from '../../../time.ts';
import type { EventBridgeDestination } from '../../destination.ts';
import type { Setup, SetupStep } from '../../setup.ts';
import type { SetupType } from '../../type.ts';
import * as awsCli from './aws-cli.ts';
import { cdk } from './cdk.ts';
import { cloudFormation } from './cloudformation.ts';
import { type OwnBus, type Parts, partsOf } from './parts.ts';

/** What the customer has to do in his AWS account, and with what: commands, templates, the page of the console. */
function setup(destination: EventBridgeDestination, apiUrl: string): Setup {
  const { source, amazon_eventbridge } = destination;
  const status = statusOf(source);
  const shown = {
    delivery: modeOf(destination).name,
    event_source_name: source.name,
    aws_event_source_status: status,
  } as const;
  if (status === 'deleted') return { ...shown, steps: [createAnew(source)], ...NOTHING };
  const parts = partsOf(destination, apiUrl);
  const region = amazon_eventbridge.aws_region;
  return {
    ...shown,
    ...(parts.ownBus && {
      publisher_aws_account_id: parts.ownBus.publisherAccount,
      echo_endpoint: parts.ownBus.echoEndpoint,
    }),
    steps: [...connect(source, parts), receive(parts), ...enable(destination)],
    console_url: `https://${region}.console.aws.amazon.com/events/home?region=${region}#/${parts.ownBus ? 'eventbuses' : 'partners'}`,
    cdk: cdk(parts),
    cloudformation: cloudFormation(parts),
  };
}

export const eventBridgeSetup: SetupType<EventBridgeDestination> = { setup };

const NOTHING = { console_url: null, cdk: null, cloudformation: null };

const ASSOCIATED: Readonly<Record<string, SetupStep['status']>> = { active: 'done', pending: 'to_do' };

const connect = (source: EventSource, parts: Parts): SetupStep[] =>
  parts.ownBus ? [makeBus(source, parts), makeEcho(source, parts, parts.ownBus)] : [associate(source, parts)];

const makeBus = (source: EventSource, parts: Parts): SetupStep => ({
  id: 'create_event_bus',
  status: ASSOCIATED[statusOf(source)] ?? 'unknown',
  title: 'Create the event bus, and let this service put events of the event destination on it',
  description: 'The name of the event bus is fixed. The policy allows nothing but events of this source.',
  aws_cli: awsCli.makeBus(parts),
});

const makeEcho = (source: EventSource, parts: Parts, ownBus: OwnBus): SetupStep => ({
  id: 'echo_probes',
  status: ASSOCIATED[statusOf(source)] ?? 'unknown',
  title: 'Have a rule send the token of each probe back',
  description:
    'EventBridge answers success also for an event bus that does not exist. So deliveries are held until a probe has come back, and again when none does for a day and an hour. It takes an API destination with its connection and role, and the rule.',
  aws_cli: awsCli.echoProbes(parts, ownBus),
});

const associate = (source: EventSource, parts: Parts): SetupStep => ({
  id: 'associate_event_source',
  status: ASSOCIATED[statusOf(source)] ?? 'unknown',
  title: 'Associate the partner event source with an event bus',
  description: `Until then its events are held.${expiry(source)}`,
  aws_cli: awsCli.associate(parts),
});

/** AWS says when, or nobody does. */
const expiry = ({ state, expires_at }: EventSource): string =>
  state === 'PENDING' && expires_at !== undefined
    ? ` AWS deletes an event source that is not associated by ${isoTime(expires_at)}; the event destination is disabled then, for good.`
    : '';

const receive = (parts: Parts): SetupStep => ({
  id: 'create_rule',
  status: 'not_visible',
  title: 'Have a rule of the event bus send the events to a target',
  description:
    'Without a rule that matches, EventBridge drops what comes to an event bus. This rule writes everything to a log group; add rules for targets of your own. Nobody but you can see which rules there are.',
  aws_cli: awsCli.logEvents(parts),
});

const enable = ({ id, status }: EventBridgeDestination): SetupStep[] =>
  status === 'enabled'
    ? []
    : [
        {
          id: 'enable_event_destination',
          status: 'to_do',
          title: 'Enable the event destination',
          description: `It is disabled, and receives no events. Enable it with POST /v2/core/event_destinations/${id}/enable.`,
          aws_cli: [],
        },
      ];

const createAnew = ({ name }: EventSource): SetupStep => ({
  id: 'create_event_destination',
  status: 'to_do',
  title: 'Create a new event destination',
  description: `The AWS event source '${name}' does not exist any more, and AWS never gives a name twice.`,
  aws_cli: [],
});
