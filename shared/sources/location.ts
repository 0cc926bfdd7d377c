import type { EventBridgeDestination } from '../destinations/destination.ts';

/** Where a source is: its name, the customer's account and Region. */
export interface SourceLocation {
  readonly name: string;
  readonly account: string;
  readonly region: string;
}

export const locationOf = ({ source, amazon_eventbridge }: EventBridgeDestination): SourceLocation => ({
  name: source.name,
  account: amazon_eventbridge.aws_account_id,
  region: amazon_eventbridge.aws_region,
});
