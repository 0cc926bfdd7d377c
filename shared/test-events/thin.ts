import type Stripe from 'stripe';
import { isoTime, MINUTE } from '../time.ts';
import type { Scene } from './scene.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a thin event says: which object it is about, and, when it is fetched, its data. */
interface ThinTold {
  readonly related_object?: { readonly id: string; readonly type: string; readonly url: string };
  readonly data?: Json;
}

const related = (type: string, url: string, id: string) => ({ related_object: { id, type, url: `${url}/${id}` } });

const account =
  (data?: Json) =>
  (scene: Scene): ThinTold => ({
    ...related('v2.core.account', '/v2/core/accounts', scene.account),
    ...(data && { data }),
  });

const person = (scene: Scene): ThinTold => {
  const url = `/v2/core/accounts/${scene.account}/persons`;
  return { ...related('v2.core.account_person', url, scene.id('person_')), data: { account_id: scene.account } };
};

const outboundPayment = (scene: Scene): ThinTold =>
  related('v2.money_management.outbound_payment', '/v2/money_management/outbound_payments', scene.id('obp_test_'));

/** Usage that could not be metered, in a window of ten minutes. */
const meterErrors = ({ now, id }: Scene) => ({
  developer_message_summary: 'There is 1 invalid event',
  reason: {
    error_count: 1,
    error_types: [
      {
        code: 'meter_event_customer_not_found',
        error_count: 1,
        sample_errors: [
          { error_message: 'The customer of this event does not exist.', request: { identifier: id('', 36) } },
        ],
      },
    ],
  },
  validation_end: isoTime(now * 1000),
  validation_start: isoTime(now * 1000 - 10 * MINUTE),
});

/** Thin events that are no twin of a snapshot event. */
export const thinStages = {
  'v1.billing.meter.error_report_triggered': (scene) => ({
    ...related('billing.meter', '/v1/billing/meters', scene.id('mtr_test_')),
    data: meterErrors(scene),
  }),
  'v2.core.account.closed': account(),
  'v2.core.account.created': account(),
  'v2.core.account.updated': account(),
  'v2.core.account[configuration.merchant].capability_status_updated': account({ updated_capability: 'card_payments' }),
  'v2.core.account[requirements].updated': account(),
  'v2.core.account_person.created': person,
  'v2.core.account_person.updated': person,
  'v2.money_management.outbound_payment.created': outboundPayment,
  'v2.money_management.outbound_payment.failed': outboundPayment,
  'v2.money_management.outbound_payment.posted': outboundPayment,
} satisfies Partial<Record<Stripe.V2.Core.Event['type'], (scene: Scene) => ThinTold>>;
