import * as z from 'zod/mini';
import type { Destination, WebhookDestination } from '../../../shared/destinations/destination.ts';
import { renderDestination } from '../../../shared/destinations/render.ts';
import { asRolledBy, rollSecret } from '../../../shared/destinations/webhook-endpoint/roll.ts';
import { MAX_OVERLAP } from '../../../shared/destinations/webhook-endpoint/secrets.ts';
import { ApiError } from '../../../shared/http/errors.ts';
import { validated } from '../../../shared/http/validation.ts';
import { idempotently } from '../../../shared/idempotency.ts';
import { newId } from '../../../shared/ids.ts';
import { SECOND } from '../../../shared/time.ts';
import { requireDestination } from '../find-destination.ts';
import { idempotentRequest } from '../idempotent-request.ts';
import { type Operation, REPLAYED } from '../request.ts';

const LONGEST = MAX_OVERLAP / SECOND;

export const RollRequest = z.strictObject({
  /**
   * Seconds for which the secrets of before go on signing beside the new one. A day unless it is said: a roll without an
   * overlap, made by mistake, has the receiver refuse everything at once. 0 when a secret has leaked.
   */
  expire_current_in: z._default(z.int().check(z.minimum(0), z.maximum(LONGEST)), LONGEST),
  include: z.optional(z.array(z.enum(['webhook_endpoint.signing_secret', 'webhook_endpoint.url']))),
});

/**
 * `POST …/{id}/roll_signing_secret`: a new secret signs from now on, the earlier ones for as long as it says. Answers with
 * the destination; the new secret, if it is included, is shown here and never again, but to a repeat of this request.
 */
export const rollSigningSecret: Operation = async (request) => {
  const { expire_current_in, include = [] } = validated(RollRequest, request.body);
  const once = idempotentRequest(request, () => newId('roll', request.livemode, Date.now()));
  return idempotently(once, async ({ id: roll, replayed }) => {
    const found = requireWebhook(await requireDestination(request));
    const after = replayed ? found : await rollSecret(found, { roll, overlap: expire_current_in * SECOND });
    const body = await renderDestination(asRolledBy(after, roll), { version: request.version, include });
    return { body, ...(replayed && { headers: REPLAYED }) };
  });
};

function requireWebhook(destination: Destination): WebhookDestination {
  if (destination.type === 'webhook_endpoint') return destination;
  throw new ApiError(
    400,
    'no_signing_secret',
    `Only destinations of type 'webhook_endpoint' have a signing secret to roll. This one is of type '${destination.type}': AWS says who its events come from, by the partner event source.`,
  );
}
