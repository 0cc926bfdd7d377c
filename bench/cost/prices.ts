/**
 * What AWS asks for, in US dollars, us-east-1, on demand, beyond the free tiers; as of 2026-11-21.
 *
 * Read from AWS's pricing pages where they could be read (Step Functions, Lambda) and otherwise from pages that quote
 * them and agree with each other (airbyte.com 2025-07 for DynamoDB, cloudburn.io 2026-03 and factualminds 2026-06 for SQS
 * and EventBridge, apigatewaycost.com and go-cloud.io 2026 for API Gateway). CloudWatch, KMS, Secrets Manager and storage
 * are long-standing list prices. Check them against your own bill before you rest a business on them.
 */
export const PRICES_AS_OF = '2026-11-21';

const MILLION = 1_000_000;

/** Dollars for one of each. What a unit is, is said where it is counted (meter.ts). */
export const PRICES = {
  'DynamoDB writes': 0.625 / MILLION,
  'DynamoDB reads': 0.125 / MILLION,
  'DynamoDB storage': 0.25,
  'SQS requests': 0.4 / MILLION,
  'SQS fair queues': 0.1 / MILLION,
  'Lambda requests': 0.2 / MILLION,
  'Lambda GB-seconds': 0.0000133334,
  'Step Functions transitions': 25 / MILLION,
  'EventBridge custom events': 1 / MILLION,
  'API Gateway REST requests': 3.5 / MILLION,
  'CloudWatch Logs GB': 0.5,
  'KMS requests': 0.03 / 10_000,
  'Secrets Manager requests': 0.05 / 10_000,
} as const;

export type Billed = keyof typeof PRICES;

/** A month of each, whatever passes through. */
export const MONTHLY = {
  customMetric: 0.3,
  /** An alarm costs as much for each metric that it looks at. */
  alarmMetric: 0.1,
  dashboard: 3,
  kmsKey: 1,
  secret: 0.4,
} as const;
