import type { Node } from 'constructs';
import { z } from 'zod';
import { ContextError, listed, readContext } from './context.ts';
import { knownRegions } from './regions.ts';

/** `ed_test_` and a ULID: the longest generator part of a source name. */
const DESTINATION_ID_LENGTH = 34;
const SOURCE_NAME_LIMIT = 256;

const principal = z
  .string()
  .regex(/^(\d{12}|arn:aws[a-z-]*:iam::\d{12}:(root|role\/.+|user\/.+))$/, 'must be an AWS account id or an IAM ARN');

/** The CDK context that a deployment sets with `-c name=value`. Every value is checked before anything is synthesized. */
const Context = z.object({
  /** Part of every physical name: two stages live side by side in one account. */
  stage: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'must be 1 to 20 of a-z, 0-9 and -, starting with a letter'),
  /** The name under which AWS registered the platform as a partner: `aws.partner/<FQDN>`. */
  partner: z
    .string()
    .regex(/^aws\.partner(\/[.\-_A-Za-z0-9]+)+$/, 'must be aws.partner/<your domain>, as AWS registered it')
    .max(SOURCE_NAME_LIMIT - DESTINATION_ID_LENGTH - 1),
  /**
   * How events come into the customers' EventBridge: partner event sources, which AWS lets registered partners have, or
   * event buses of the customers'. Of several, comma separated, the first is that of new destinations; those of the others
   * are still served.
   */
  eventBridgeDelivery: z
    .preprocess(listed, z.array(z.enum(['partner', 'bus'], 'must be partner or bus')).min(1))
    .default(['partner']),
  /**
   * Days for which events and deliveries can be read. At least the fortnight for which AWS may leave a source pending,
   * because held deliveries need their events; they expire five days later (DynamoDB TTL deletes late).
   */
  retentionDays: z.coerce.number().int().min(14).max(90),
  /** Reserved concurrency of the API and of dispatch. Unset, because a new AWS account has ten executions in all. */
  apiConcurrency: z.coerce.number().int().min(1).optional(),
  /** At least two, which is the least that the mapping of its queue can be bounded to. */
  dispatchConcurrency: z.coerce.number().int().min(2).optional(),
  /** The API's own domain with its ACM certificate in the stack's Region: Stripe's SDK needs the API at a host's root. */
  domainName: z.string().optional(),
  certificateArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:acm:/, 'must be the ARN of an ACM certificate')
    .optional(),
  /**
   * Whether events can be found by their object's id in one query: a third write for each event, a quarter of what it
   * costs. Without, a list by `object_id` reads the account's events with a budget. What was published while it was off
   * is not in the index.
   */
  objectIndex: z.enum(['on', 'off'], 'must be on or off').default('off'),
  /**
   * Whether webhooks may go to addresses that are not public, for development: `loopback` is the machine that sends, `all`
   * is everything. On AWS the first is the function's own sandbox and the second your network: never where others have keys.
   */
  allowPrivateWebhookTargets: z.enum(['off', 'loopback', 'all'], 'must be off, loopback or all').default('off'),
  /** `nat` sends webhooks from static addresses: by NAT gateways, which are paid for by the hour. */
  webhookEgress: z.enum(['internet', 'nat'], 'must be internet or nat').default('internet'),
  /** How long a webhook may take to answer, in seconds. */
  webhookTimeoutSeconds: z.coerce.number().int().min(1).max(15).default(10),
  /** What is taken of an account in a second, unless the operator sets it for the account: requests in each mode, and events. */
  requestsPerSecond: z.coerce.number().int().min(1).default(100),
  testRequestsPerSecond: z.coerce.number().int().min(1).default(25),
  eventsPerSecond: z.coerce.number().int().min(1).default(1000),
  /** Whether the detail of events at amazon_eventbridge destinations has a `traceparent`, as the headers of webhooks do. */
  traceparentInEvents: z.enum(['on', 'off'], 'must be on or off').default('off'),
  /** The share, 0 to 1, of attempts and publishing requests that succeed for which there is a log line, as for each that failed. */
  successLogShare: z.coerce.number().min(0).max(1).default(0.01),
  /** Disables a destination at which every attempt has failed for so many days; its account is told a day before at least. */
  disableFailingAfterDays: z.coerce.number().int().min(4).max(90).optional(),
  /** In the names of headers that the service sends and reads: with the default, Stripe's own tools work unmodified. */
  brand: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{0,29}$/, 'must be 1 to 30 letters and digits, starting with a letter')
    .default('Stripe'),
  /** Largest event in KiB, its largest rendering and the envelope included; over 256 only if AWS raised the limit for you. */
  maxEventKib: z.coerce.number().int().min(1).max(350).default(256),
  /** The Regions in which customers may have destinations: those that AWS registered you for. Default: all. */
  regions: z
    .preprocess(listed, z.array(z.enum(knownRegions, 'is not an AWS Region')).min(1))
    .default([...knownRegions]),
  /** Who gets the alarms by e-mail, beside whatever is subscribed to their topic. */
  alarmEmail: z.email('must be an e-mail address').optional(),
  /** Who may publish by PutEvents and SendMessageBatch besides this account: account ids or IAM ARNs, comma separated. */
  publishers: z.preprocess(listed, z.array(principal)).default([]),
});

const Checked = Context.refine(
  ({ domainName, certificateArn }) => (domainName === undefined) === (certificateArn === undefined),
  { path: ['domainName'], message: 'domainName and certificateArn go together' },
).refine(
  ({ eventBridgeDelivery, partner }) => !(eventBridgeDelivery.includes('bus') && /^aws.partner.aws\./.test(partner)),
  {
    path: ['partner'],
    message: 'nobody but AWS may put events whose source begins with aws.',
  },
);

export type Config = z.infer<typeof Context>;

/** Every name that may be set. */
export const contextNames: readonly string[] = Object.keys(Context.shape);

/** Theirs have a colon, a slash or a dash in their names: CDK's flags, what its CLI looked up. */
const isOurs = (name: string): boolean => /^[A-Za-z]\w*$/.test(name) && name !== 'nag';

/** Throws ContextError, for a name that does not exist as well: with `alarmMail`, nobody would be written to. */
export function readConfig(node: Node): Config {
  const given: Record<string, unknown> = node.getAllContext();
  const unknown = Object.keys(given).filter((name) => isOurs(name) && !contextNames.includes(name));
  if (unknown.length > 0)
    throw new ContextError(
      unknown.map((name) => `-c ${name}=${given[name]}: there is no such name; there are ${contextNames.join(', ')}`),
    );
  return readContext(node, Checked, contextNames);
}
