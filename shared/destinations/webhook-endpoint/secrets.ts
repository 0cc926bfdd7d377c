import { randomText } from '../../random-text.ts';
import { open, seal } from '../../secrets/sealed.ts';
import { DAY } from '../../time.ts';
import type { SigningSecret, WebhookDestination } from '../destination.ts';

/**
 * The signing secrets of a webhook endpoint, newest first. The newest has no end; rolling gives the earlier ones an end,
 * until which each of them signs beside it, so that a receiver can change over in its own time.
 *
 *   (created) --> newest --a roll--> overlapping, until its end --> expired (signs no more, dropped by the next roll)
 */

/** The longest overlap, as in Stripe's Dashboard. */
export const MAX_OVERLAP = DAY;

/** Each secret adds a signature to every request. */
export const MAX_ACTIVE_SECRETS = 5;

/** 32 of 62 characters: 190 bits. A roll's secret names its roll. */
export const newSecret = (now: number, roll?: string): SigningSecret => ({
  secret: `whsec_${randomText(32)}`,
  created: now,
  expires: null,
  ...(roll !== undefined && { roll }),
});

/** As it is kept: nobody who reads the table can sign with it. */
export const sealedSecret = async (made: SigningSecret, destination: string): Promise<SigningSecret> => ({
  ...made,
  secret: await seal(made.secret, destination),
});

/** `whsec_…`: what signs, and what the customer is shown once. */
export const openedSecret = ({ secret }: SigningSecret, destination: string): Promise<string> =>
  open(secret, destination);

/** What signs a request that is sent now, newest first: one signature each. */
export const activeSecrets = ({ webhook_endpoint }: WebhookDestination, now: number): SigningSecret[] =>
  webhook_endpoint.signing_secrets.filter((secret) => isActive(secret, now));

const isActive = ({ expires }: SigningSecret, now: number): boolean => expires === null || expires > now;

/**
 * The secrets after a roll: `next`, and those before it until that instant at the latest. An end that was given earlier is
 * not put off, and with `expiresAt` = `now` nothing but the new one signs: what to do when a secret has leaked.
 */
export const rolled = (
  secrets: readonly SigningSecret[],
  now: number,
  expiresAt: number,
  next = newSecret(now),
): SigningSecret[] => [
  next,
  ...secrets
    .map((secret) => ({ ...secret, expires: Math.min(secret.expires ?? expiresAt, expiresAt) }))
    .filter((secret) => isActive(secret, now)),
];
