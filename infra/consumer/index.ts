/** What a CDK app of the customer's own uses. */
export {
  EventDestinationConsumer,
  type EventDestinationConsumerProps,
  type LogOptions,
  type Publisher,
  type RuleOptions,
} from './event-destination-consumer.ts';
