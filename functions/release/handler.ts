import { env } from '../../shared/aws/env.ts';
import { parseReleaseMessage, releaseHeld } from '../../shared/deliveries/release.ts';
import { publishCounts } from '../../shared/telemetry.ts';
import { queueHandler } from '../queue-handler.ts';

/** Moves what is held for a destination back to its queue. One message a batch: a release can take minutes. */
export const handler = queueHandler(env('RELEASES_QUEUE_URL'), async (messages) => {
  for (const { body } of messages)
    publishCounts({ released: await releaseHeld(parseReleaseMessage(body), Date.now()) });
  return [];
});
