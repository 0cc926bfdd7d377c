import { env } from '../aws/env.ts';
import { sendMessage } from '../aws/queue.ts';
import type { Addressee } from '../destinations/destination.ts';

/**
 * Whoever changes a state that holds calls `announceRelease` BEFORE writing the state and `requestRelease` after it. The
 * announced message is delayed by longer than any writer's time-out, so that it runs after the write or after the writer's
 * death: no order of crash and write leaves a delivery held by a state that is no more. Both are messages of the releases
 * queue, on which release.ts works.
 */
const ANNOUNCED_SECONDS = 90;
/** Of the function that works on wake-ups and releases: it may run for eleven minutes. */
export const LONG_ANNOUNCED_SECONDS = 720;

export const announceRelease = (of: Addressee, delaySeconds = ANNOUNCED_SECONDS): Promise<void> =>
  requestReleaseIn(delaySeconds, of);
export const requestRelease = (of: Addressee): Promise<void> => requestReleaseIn(0, of);

export const requestReleaseIn = (delaySeconds: number, { id, type, account, livemode }: Addressee): Promise<void> =>
  sendMessage(env('RELEASES_QUEUE_URL'), {
    body: JSON.stringify({ v: 1, destination: id, type, owner: account, livemode }),
    group: id,
    delaySeconds,
  });
