import * as z from 'zod/mini';
import { env } from '../../aws/env.ts';
import { needsAnswer } from '../../events/types.ts';
import { locationOf } from '../../sources/location.ts';
import { modeOf, modeOfNew } from '../../sources/modes/index.ts';
import { createdSource, newSource, statusOf } from '../../sources/source.ts';
import { logger, publishCounts } from '../../telemetry.ts';
import type { EventBridgeDestination } from '../destination.ts';
import type { ManagedType } from '../type.ts';
import { creationError, deletionError, remedyOf } from './source-errors.ts';

const regions = (): string[] => env('DESTINATION_REGIONS').split(',');

const Parameters = z.strictObject({
  aws_account_id: z.string().check(z.regex(/^\d{12}$/, 'Must be an AWS account ID: twelve digits.')),
  aws_region: z.string().check(
    z.refine((region) => regions().includes(region), {
      error: ({ input }) =>
        `'${String(input).slice(0, 40)}' is not an AWS Region that is supported: use one of ${regions().join(', ')}.`,
    }),
  ),
});

/** The Region is in the ARN only. */
const Response = z.strictObject({
  aws_account_id: z.string(),
  aws_event_source_arn: z.string(),
  aws_event_source_status: z.enum(['active', 'deleted', 'pending', 'unknown']),
});

/** The partner event source, or the event bus, of a destination. */
export const managedEventBridge: ManagedType<EventBridgeDestination, typeof Parameters, typeof Response> = {
  parameters: Parameters,
  response: Response,

  validateParameters: () => [],

  validateEvents: (enabledEvents) =>
    enabledEvents.flatMap((type, index) =>
      needsAnswer(type)
        ? [
            {
              field: `enabled_events[${index}]`,
              reason: `'${type}' requires a response, which an amazon_eventbridge destination cannot give. Use a webhook_endpoint destination for it.`,
            },
          ]
        : [],
    ),

  async prepare(id, { aws_account_id, aws_region }, now) {
    const source = newSource(modeOfNew().sourceName(id), now);
    return { type: 'amazon_eventbridge', amazon_eventbridge: { aws_account_id, aws_region }, source };
  },

  render: ({ amazon_eventbridge, source }) => ({
    aws_account_id: amazon_eventbridge.aws_account_id,
    aws_event_source_arn: source.arn,
    aws_event_source_status: statusOf(source),
  }),

  async create(destination) {
    try {
      const mode = modeOf(destination);
      const arn = await mode.create(destination);
      publishCounts({ source_created: 1 });
      const { expires_at, ...source } = createdSource(destination.source, arn, Date.now());
      return { ...destination, source: mode.pendingExpires ? { ...source, expires_at } : source };
    } catch (error) {
      tellOperator(error, destination);
      throw creationError(error, destination.amazon_eventbridge.aws_region);
    }
  },

  async delete(destination) {
    try {
      await modeOf(destination).delete(destination);
    } catch (error) {
      tellOperator(error, destination);
      throw deletionError(error, destination.amazon_eventbridge.aws_region);
    }
  },
};

/** What no customer can mend, with what to do about it. */
function tellOperator(error: unknown, destination: EventBridgeDestination): void {
  const remedy = remedyOf(error);
  if (remedy === undefined) return;
  logger.error('AWS refuses this service its event sources', {
    destination: destination.id,
    ...locationOf(destination),
    remedy,
    error: error as Error,
  });
  publishCounts({ partner_not_authorized: 1 });
}
