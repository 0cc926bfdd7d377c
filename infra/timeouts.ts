import { Duration } from 'aws-cdk-lib';

/**
 * Time-outs that more than one construct rests on: a queue's visibility is six times its function's time-out, and a
 * release is delayed by longer than the time-out of whoever announces it (see shared/deliveries).
 */
export const timeouts = {
  /** Below API Gateway's 29 s, so that the function answers first. */
  api: Duration.seconds(20),
  gateway: Duration.seconds(29),
  openapi: Duration.seconds(5),
  dispatch: Duration.seconds(30),
  deliver: Duration.seconds(30),
  /** A batch begins attempts for ten seconds, the last of them may take fifteen, and recording them needs some, too. */
  deliverWebhook: Duration.seconds(40),
  /** A release works for at most ten minutes, then hands on. */
  release: Duration.minutes(11),
  /** A part of a round works for at most eight minutes, then hands on. */
  reconcile: Duration.minutes(10),
  returnDeadLetters: Duration.seconds(30),
  /** A round is worked on for 50 s; a last turn in a Region that hangs takes up to 11 s more. */
  trackSources: Duration.seconds(70),
} as const;
