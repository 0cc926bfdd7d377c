import { ApiError, notFound, SHOULD_NOT_RETRY } from '../../http/errors.ts';
import { isoTime } from '../../time.ts';
import type { WebhookDestination } from '../destination.ts';
import { changeDestination, findDestination } from '../store.ts';
import { MAX_ACTIVE_SECRETS, newSecret, rolled, sealedSecret } from './secrets.ts';

/**
 * Rolls the signing secret once for each `roll`: the new secret carries its name, so that another try of the same roll,
 * after a crash or an answer that was lost, finds it done. The write is conditional on the newest secret that was read: of two
 * rolls at once one is refused, because it would end a secret that nobody has been told of yet.
 */
export async function rollSecret(
  found: WebhookDestination,
  { roll, overlap }: { readonly roll: string; readonly overlap: number },
): Promise<WebhookDestination> {
  const now = Date.now();
  if (hasRolled(found, roll)) return found;
  const { signing_secrets: before } = found.webhook_endpoint;
  const after = rolled(before, now, now + overlap, await sealedSecret(newSecret(now, roll), found.id));
  if (after.length > MAX_ACTIVE_SECRETS) throw tooMany(after.at(-1)?.expires ?? now);
  const condition = {
    expression: '#webhook_endpoint.#signing_secrets[0].#secret = :newest',
    names: { '#secret': 'secret' },
    values: { ':newest': before[0]?.secret },
  };
  const set = { 'webhook_endpoint.signing_secrets': after };
  // The call may have been made twice, and its first time have done it.
  const changed = (await changeDestination(found, { set, condition }, now)) ?? (await findDestination(found));
  if (changed?.lifecycle !== 'ready' || changed.type !== found.type)
    throw notFound('v2', 'event destination', found.id);
  if (!hasRolled(changed, roll)) throw rolledMeanwhile();
  return changed;
}

/** The destination as the answer to that roll shows it: with its secret alone, or none when a later roll has ended it. */
export const asRolledBy = (destination: WebhookDestination, roll: string | undefined): WebhookDestination => ({
  ...destination,
  webhook_endpoint: {
    ...destination.webhook_endpoint,
    signing_secrets: destination.webhook_endpoint.signing_secrets.filter((secret) => secret.roll === roll),
  },
});

const hasRolled = ({ webhook_endpoint }: WebhookDestination, roll: string): boolean =>
  webhook_endpoint.signing_secrets.some((secret) => secret.roll === roll);

const tooMany = (firstEnd: number) =>
  new ApiError(
    400,
    'too_many_signing_secrets',
    `This event destination has ${MAX_ACTIVE_SECRETS} signing secrets that still sign, the most that it can have. Roll again after ${isoTime(firstEnd)}, when one of them ends, or now with expire_current_in 0, which ends all earlier ones at once.`,
  );

const rolledMeanwhile = () =>
  new ApiError(
    409,
    'concurrent_modification',
    'The signing secret of this event destination was rolled by another request at the same time, and this one changed nothing. Roll again if you still want to.',
    { headers: SHOULD_NOT_RETRY },
  );
