import { timeOf } from '../ids.ts';
import { isoTime } from '../time.ts';
import type { Resend } from './resend.ts';
import type { ResendResponse } from './response.ts';

/** The resend as the API shows it. `through` is how far it has come: the events of before are done. */
export const renderResend = (resend: Resend): ResendResponse => ({
  id: resend.id,
  object: 'v2.core.event_resend',
  created: isoTime(resend.created),
  event_created: { gte: isoTime(resend.from), lt: isoTime(resend.until) },
  event_destination: resend.destination,
  livemode: resend.livemode,
  progress: {
    matched: resend.matched,
    sent: resend.sent,
    through: isoTime(resend.status === 'completed' ? resend.until : timeOf(resend.cursor)),
  },
  status: resend.status,
  status_details: resend.reason ? { canceled: { reason: resend.reason } } : null,
  statuses: [...resend.statuses],
  updated: isoTime(resend.updated),
});
