import { createHmac } from 'node:crypto';
import { unixSeconds } from '../../time.ts';

export interface Signed {
  /** The event's id, the same at every attempt. */
  readonly id: string;
  readonly body: string;
  /** `whsec_…`, each of them signs. */
  readonly secrets: readonly string[];
  /** ms; of this attempt. */
  readonly now: number;
}

const PREFIX = 'whsec_';

/**
 * `Stripe-Signature`: a v1 for each secret, over `<t>.<body>`, in hexadecimal, on one line without spaces, because Stripe's
 * SDK finds no signature after one. The key is the entire secret, `whsec_` included.
 */
export function stripeSignature({ body, secrets, now }: Signed): string {
  const t = unixSeconds(now);
  const signatures = secrets.map((secret) => `v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`);
  return [`t=${t}`, ...signatures].join(',');
}

/**
 * The headers of Standard Webhooks 1.0: the same secrets sign `<id>.<t>.<body>`, in base64, separated by spaces. The key
 * there is what follows `whsec_`, decoded from base64.
 */
export function standardWebhookHeaders({ id, body, secrets, now }: Signed): Record<string, string> {
  const t = unixSeconds(now);
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(PREFIX, ''), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${t}.${body}`).digest('base64')}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': String(t), 'webhook-signature': signatures.join(' ') };
}
