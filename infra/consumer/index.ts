/** What a CDK app of the customer's own uses. */
export {
  EventDestinationConsumer,
  type EventDestinationConsumerProps,
  type LogOptions,
  type RuleOptions,
} from './event-destination-consumer.ts';
