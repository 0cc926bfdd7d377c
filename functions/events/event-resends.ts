import { ApiError, notFound } from '../../shared/http/errors.ts';
import { validated } from '../../shared/http/validation.ts';
import { idempotently } from '../../shared/idempotency.ts';
import { isId, timeOf } from '../../shared/ids.ts';
import { renderResend } from '../../shared/resends/render.ts';
import type { Resend } from '../../shared/resends/resend.ts';
import { changeResend, findResend, listResends } from '../../shared/resends/store.ts';
import { isExpired } from '../../shared/time.ts';
import { idempotentRequest } from '../api/idempotent-request.ts';
import { NoParameters } from '../api/no-parameters.ts';
import { cut, type Page, pageUrl, parsePage } from '../api/page.ts';
import { type ApiRequest, type Operation, REPLAYED } from '../api/request.ts';

/** The account's own resend of that id, for as long as it can be read. Throws 404. */
export async function requireResend({ id, account, livemode }: ApiRequest): Promise<Resend> {
  const known = isId('resend', livemode, id) && !isExpired(timeOf(id), Date.now());
  const resend = known ? await findResend({ id, account, livemode }) : undefined;
  if (!resend) throw notFound('v2', 'event resend', id.slice(0, 100));
  return resend;
}

export const retrieveEventResend: Operation = async (request) => ({
  body: renderResend(await requireResend(request)),
});

/** Newest first, of all destinations or of one. An account has few within thirty days: a page is a part of all of them. */
export const listEventResends: Operation = async (request) => {
  const page = parsePage(request.query);
  const wanted = request.query.get('event_destination')?.at(-1);
  const all = await listResends(request.account, request.livemode, Date.now());
  const { shown, next, previous } = cut(
    all.filter(({ destination }) => wanted === undefined || destination === wanted),
    page,
  );
  const filters = { ...(wanted !== undefined && { event_destination: [wanted] }) };
  const url = (token: Page['token']) => token && pageUrl(request.path, { ...page, token }, filters);
  const data = shown.map(renderResend);
  return { body: { data, next_page_url: url(next) ?? null, previous_page_url: url(previous) ?? null } };
};

/** What has been sent is not taken back; the step that is at work ends within a minute. One that is canceled already is left alone. */
export const cancelEventResend: Operation = (request) => {
  validated(NoParameters, request.body);
  return idempotently(
    idempotentRequest(request, () => request.id),
    async ({ replayed }) => {
      const found = await requireResend(request);
      const resend = replayed || found.status === 'canceled' ? found : await cancel(found);
      return { body: renderResend(resend), ...(replayed && { headers: REPLAYED }) };
    },
  );
};

async function cancel(resend: Resend): Promise<Resend> {
  const set = { status: 'canceled', reason: 'user', updated: Date.now() } as const;
  const canceled = await changeResend(resend, { set, where: { status: 'in_progress' } });
  if (canceled) return canceled;
  throw new ApiError(
    400,
    'event_resend_ended',
    'This resend has ended: there is nothing left to cancel. Each delivery that it sent goes on by itself; disable the event destination to stop them.',
  );
}
