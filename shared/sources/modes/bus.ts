import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { env } from '../../aws/env.ts';
import { eventBridge } from '../../aws/eventbridge.ts';
import type { EventBridgeDestination } from '../../destinations/destination.ts';
import { randomText } from '../../random-text.ts';
import { logger } from '../../telemetry.ts';
import { awsErrorCode } from '../event-bridge-sources.ts';
import type { Observation } from '../source.ts';
import { ECHO_TYPE, observationOf, probeIsDue, withoutProbe, withProbe } from './echo.ts';
import { deleteEcho, findEcho, hashOf, recordEcho } from './echo-store.ts';
import { isOurs } from './entry-errors.ts';
import type { DeliveryMode, WireEntry } from './mode.ts';

/** Every letter and digit of the token is chosen by chance: 190 bits. */
const TOKEN_LENGTH = 32;

const busArn = ({ id, amazon_eventbridge: { aws_account_id, aws_region } }: EventBridgeDestination): string =>
  `arn:aws:events:${aws_region}:${aws_account_id}:event-bus/event-destinations-${id}`;

/**
 * An event bus of the customer's, on which he lets us put. PutEvents answers success for a bus that is not there, so that
 * only an echo says that there is one (see echo.ts).
 */
export const bus: DeliveryMode = {
  name: 'event_bus',
  // Nobody but AWS and its partners may put a source that begins with `aws.`.
  sourceName: (destinationId) => `${env('PARTNER_NAME').slice('aws.partner/'.length)}/${destinationId}`,
  pendingExpires: false,
  create: async (destination) => busArn(destination),
  delete: ({ id }) => deleteEcho(id),
  observe,
  entriesPerCall: 10,
  async put(region, entries) {
    const { Entries = [] } = await eventBridge(region).send(new PutEventsCommand({ Entries: entries.map(onItsBus) }));
    return Entries;
  },
  refuses: (error) => awsErrorCode(error) === 'AccessDeniedException' && !OWN_POLICY.test(messageOf(error)),
};

/** Of the policies that AWS says refuse us, these are of our account and not of the bus. */
const OWN_POLICY = /identity-based policy|permissions boundary|session policy|service control policy/;
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

/** An event names its bus by what it concerns. */
const onItsBus = (entry: WireEntry) => ({ ...entry, EventBusName: entry.Resources[0] });

/** The probe's token is recorded before it is put: what comes back must be known. */
async function observe(destination: EventBridgeDestination): Promise<Observation> {
  const now = Date.now();
  const before = await findEcho(destination.id);
  if (!probeIsDue(before, now)) return observationOf(before, now);
  const token = randomText(TOKEN_LENGTH);
  const after = withProbe(before, hashOf(token), now);
  // Somebody else has just sent one, or one has come back: what they make of it stands.
  if (!(await recordEcho(destination, before, after))) return observationOf(before, now);
  if (await sendProbe(destination, token)) return observationOf(after, now);
  await recordEcho(destination, after, withoutProbe(before, after));
  return { state: 'UNREACHABLE' };
}

/** False when it is our trouble, or the Region's. A bus that refuses us is as good as one that is not there. */
async function sendProbe({ id, source, amazon_eventbridge }: EventBridgeDestination, token: string): Promise<boolean> {
  const entry = { Time: new Date(), Source: source.name, Resources: [source.arn], DetailType: ECHO_TYPE };
  try {
    const [result] = await bus.put(amazon_eventbridge.aws_region, [{ ...entry, Detail: JSON.stringify({ token }) }]);
    if (result?.ErrorCode) logger.warn('A probe was refused', { destination: id, code: result.ErrorCode });
    return result?.ErrorCode === undefined || !isOurs(result.ErrorCode);
  } catch (error) {
    if (bus.refuses(error)) {
      logger.warn('A probe was refused', { destination: id, code: awsErrorCode(error) });
      return true;
    }
    logger.warn('A probe could not be put', { destination: id, code: awsErrorCode(error) });
    return false;
  }
}
