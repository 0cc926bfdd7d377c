import { holds } from '../../sources/source.ts';
import type { EventBridgeDestination } from '../destination.ts';
import type { DestinationType } from '../type.ts';

/** Amazon EventBridge: a partner event source, or an event bus, in the customer's AWS account and Region. */
export const amazonEventBridge: DestinationType<EventBridgeDestination> = {
  type: 'amazon_eventbridge',

  gone: ({ source }) =>
    source.state === 'DELETED'
      ? `Its AWS event source '${source.name}' does not exist any more, and AWS never gives a name twice.`
      : undefined,

  admission({ source }) {
    if (source.state === 'DELETED') return { cancel: 'no_aws_event_source_exists' };
    return holds(source) ? { hold: 'source_pending' } : { admit: true };
  },

  // AWS takes events for a source that has lost its event bus, and drops them.
  provisional: true,

  deliveriesQueue: 'DELIVERIES_EVENTBRIDGE_QUEUE_URL',
};
