/**
 * Every metric that the functions write, in the namespace `EventDestinations` under one dimension, the stage: never by
 * destination, account or event, because each combination would be a metric that is paid for every month. The dashboards
 * and alarms are made of the same names (infra/monitoring), so that none can show what nobody writes.
 */
export const NAMESPACE = 'EventDestinations';

/** Counts of what happened in an invocation; what did not happen is not written. */
export const COUNTS = {
  accepted: 'events written to the Ledger',
  rejected: 'events that bus or queue brought and that are none, or name no account',
  matched: 'deliveries to destinations that match an accepted event',
  skipped: 'deliveries to destinations that were disabled when the event came',
  delivered: 'deliveries that succeeded, at whatever attempt',
  retried: 'automatic attempts after the first',
  attempt_failed: 'attempts that failed and after which the delivery is still pending',
  scheduled: 'failed attempts whose next one has a due time',
  failed: 'deliveries that ended without success: their retry window is over, or the event is gone',
  canceled: 'deliveries whose destination was disabled, deleted or lost its event source',
  held: 'deliveries that wait until the state of their destination changes',
  held_source_pending: 'of the held: until the customer associates the event source',
  held_circuit_breaker: 'of the held: until the circuit breaker closes',
  held_paused: 'of the held: until the operator resumes',
  released: 'held deliveries that were sent again',
  resent: 'deliveries that bulk resends sent again: attempts besides of those delivered, and those brought back',
  fell_back: 'deliveries held again, because their source had lost its event bus when they were put',
  put_off: 'deliveries handed to the queue of slow destinations without an attempt',
  rate_limited: 'deliveries put off, because their destination had its share of the second',
  superseded: 'copies of messages that found their delivery settled by another',
  given_back: 'messages that come again for a reason of our own',
  breaker_opened: 'circuit breakers that opened',
  breaker_closed: 'circuit breakers that closed, or are half-open',
  source_created: 'event sources that AWS made for us',
  source_associated: 'event sources that a customer associated with a bus',
  source_event_bus_lost: 'event sources whose event bus was deleted',
  source_expired: 'event sources that nobody associated in time',
  source_deleted: 'event sources that were deleted at AWS',
  source_unreachable: 'event sources that AWS could not be asked for any more',
  source_reachable: 'event sources that AWS could be asked for again',
  orphaned_sources: 'event sources without a destination that the sweep deleted',
  unknown_sources: 'event sources that no stage of ours seems to have made, at a sweep',
  partner_not_authorized: 'calls that AWS refused because it does not know this account as a partner',
  dead_letter_waiting: 'looks at dead letters that wait for their return',
  dead_letter_returned: 'dead letters sent back to their queue',
  dead_letter_parked: 'dead letters that were returned ten times, and wait for the operator',
  dead_letter_failed: 'dead letters that could not be seen to',
  reconciliation_rounds: 'daily rounds of the reconciliation that began',
  reconciliation_findings: 'deliveries and breakers that nothing would have brought back; 0 is written as well',
} as const;

/** What there was at the last daily round; 0 is written as well. */
export const GAUGES = {
  sources_pending: 'event sources that wait for their customer',
  sources_active: 'event sources that are associated with a bus',
  sources_unreachable: 'event sources that AWS could not be asked for',
  breakers_open: 'circuit breakers that were open or half-open',
} as const;

/** Of single deliveries, in milliseconds. */
export const DURATIONS = {
  first_attempt_latency: 'from the acceptance of an event to the end of its first attempt, where nothing held it',
  delivery_latency: 'from the acceptance of an event to its delivery, by whatever attempt',
} as const;

export type Count = keyof typeof COUNTS;
export type Gauge = keyof typeof GAUGES;
export type Duration = keyof typeof DURATIONS;
export type MetricName = Count | Gauge | Duration;
