import * as z from 'zod/mini';
import { findDestination } from '../../shared/destinations/store.ts';
import { ApiError } from '../../shared/http/errors.ts';
import { validated } from '../../shared/http/validation.ts';
import { isId } from '../../shared/ids.ts';
import { checkSource } from '../../shared/sources/check.ts';
import { takeToken } from '../../shared/sources/modes/echo-store.ts';
import type { PublicOperation } from '../api/request.ts';

/** In the body and not in the URL, which access logs keep. */
export const ConfirmRequest = z.strictObject({ token: z.string().check(z.maxLength(100)) });

export const ConfirmResponse = z.strictObject({
  object: z.literal('v2.core.event_destination.echo'),
  event_destination: z.string(),
});
type ConfirmResponse = z.infer<typeof ConfirmResponse>;

/** The customer's event bus sends a probe's token back: what is put there arrives. Its deliveries are released at once. */
export const confirmEventBus: PublicOperation = async ({ id, body }) => {
  const { token } = validated(ConfirmRequest, body);
  const known = isId('ed', true, id) || isId('ed', false, id);
  const confirmed = known ? await takeToken(id, token, Date.now()) : undefined;
  // One answer for all that is wrong: who guesses learns nothing.
  if (!confirmed)
    throw new ApiError(
      404,
      'not_found',
      'No such echo is expected: its token is unknown, used, or older than ten minutes.',
    );
  const destination = await findDestination(confirmed);
  if (destination?.lifecycle === 'ready' && destination.type === 'amazon_eventbridge') await checkSource(destination);
  const answer: ConfirmResponse = { object: 'v2.core.event_destination.echo', event_destination: id };
  return { body: answer };
};
