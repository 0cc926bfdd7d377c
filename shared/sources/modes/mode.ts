import type { EventBridgeDestination } from '../../destinations/destination.ts';
import type { Observation } from '../source.ts';

/** One event as either call takes it. */
export interface WireEntry {
  readonly Time: Date;
  readonly Source: string;
  readonly Resources: string[];
  readonly DetailType: string;
  readonly Detail: string;
}

/** What became of it. */
export interface WireResult {
  readonly EventId?: string | undefined;
  readonly ErrorCode?: string | undefined;
  readonly ErrorMessage?: string | undefined;
}

/**
 * How events come into the customer's EventBridge, and how it is known that they do:
 *
 *                   partner_event_source                         event_bus
 *   who may         accounts that AWS registered as partners      anybody
 *   the customer    associates the source with an event bus       makes the bus, lets us put, has it echo
 *   created         CreatePartnerEventSource                      nothing: the customer makes what there is
 *   observed        AWS is asked for the source's state           a probe is put on the bus, and its echo waited for
 *   put             PutPartnerEvents, 20 entries a call           PutEvents, 10 entries a call
 *
 * The words of the status are the same, and what they do to deliveries is.
 */
export interface DeliveryMode {
  readonly name: 'partner_event_source' | 'event_bus';
  /** What `source` of its events is, and `pending` ends by itself. */
  sourceName(destinationId: string): string;
  readonly pendingExpires: boolean;
  /** Makes what it owns outside, and answers its ARN. Safe to repeat. */
  create(destination: EventBridgeDestination): Promise<string>;
  /** Deletes what it owns. Safe to repeat. */
  delete(destination: EventBridgeDestination): Promise<void>;
  observe(destination: EventBridgeDestination): Promise<Observation>;
  readonly entriesPerCall: number;
  /** Puts to a Region; the results are in the order of the entries. */
  put(region: string, entries: readonly WireEntry[]): Promise<readonly WireResult[]>;
  /** Whether the error of a whole call is that one entry's bus does not let us put: the others of the call are not to blame. */
  refuses(error: unknown): boolean;
}
