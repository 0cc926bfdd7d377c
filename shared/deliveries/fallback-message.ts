import { env } from '../aws/env.ts';
import { sendMessage } from '../aws/queue.ts';
import type { DestinationRef } from '../destinations/destination.ts';

/** What was returned already of the range that ends there: all before a place in one of its two lists. */
export interface Done {
  readonly until: number;
  readonly list: 'events' | 'late_puts';
  readonly place: string;
}

/** A destination whose range is to be returned; the next step of it, if there was one. See fallback.ts. */
export interface Return extends DestinationRef {
  readonly done?: Done | undefined;
}

/** Longer than the tracker can live. */
const ANNOUNCED_SECONDS = 90;

export const announceFallback = (of: DestinationRef): Promise<void> => sendReturn(of, ANNOUNCED_SECONDS);

export function sendReturn({ id, account, livemode, done }: Return, delaySeconds: number): Promise<void> {
  const message = { v: 1, kind: 'fallback', destination: id, owner: account, livemode, ...(done && { done }) };
  return sendMessage(env('RELEASES_QUEUE_URL'), { body: JSON.stringify(message), group: id, delaySeconds });
}
