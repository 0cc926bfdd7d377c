import type Stripe from 'stripe';
import { ACCOUNT_BEFORE, account } from './objects/account.ts';
import { draftInvoice, invoice, openInvoice, price, product, subscription } from './objects/billing.ts';
import { session } from './objects/checkout.ts';
import { customer, paymentMethod } from './objects/customer.ts';
import {
  charge,
  declined,
  dispute,
  failedCharge,
  paymentIntent,
  payout,
  refund,
  setupIntent,
  UNPAID,
} from './objects/payment.ts';
import { AMOUNT, ONE_DAY, type Scene } from './scene.ts';

type Json = Readonly<Record<string, unknown>>;

/** What an event says of its object: how it is now, and how what changed was before. */
export interface Told {
  readonly object: Json & { readonly id: string; readonly object: string };
  readonly previous_attributes?: Json | undefined;
}

interface Stage {
  /** Before it is asked for, ms: the object's age when the event happens. */
  readonly age: number;
  tell(scene: Scene): Told;
}

type Some<T> = Partial<T> | ((scene: Scene) => Partial<T>);
const given = <T>(some: Some<T>, scene: Scene): Partial<T> => (typeof some === 'function' ? some(scene) : some);

/** The object as it was made by this event, but for `changes`. */
const made = <T extends Told['object']>(build: (scene: Scene) => T, changes: Some<T> = {}): Stage => ({
  age: 0,
  tell: (scene) => ({ object: { ...build(scene), ...given(changes, scene) } }),
});

const AGE = 5 * 60_000;

/** The object some minutes later, and for an update what its changed fields were before. */
const later = <T extends Told['object']>(
  build: (scene: Scene) => T,
  changes: Some<T> = {},
  before?: Some<T>,
): Stage => ({
  age: AGE,
  tell: (scene) => ({
    object: { ...build(scene), ...given(changes, scene) },
    ...(before && { previous_attributes: given(before, scene) }),
  }),
});

const DISPUTED = { disputed: true };
const NOT_TRIED = { latest_attempt: null, payment_method: null, status: 'requires_payment_method' } as const;
const TRIAL_ENDS_IN = 3 * ONE_DAY;

/** Every snapshot event that can be triggered. The names and shapes are Stripe's, checked against its SDK's types. */
export const snapshotStages = {
  'account.updated': later(account, {}, ACCOUNT_BEFORE),
  'charge.dispute.closed': later(dispute, { status: 'lost' }),
  'charge.dispute.created': made(dispute),
  'charge.failed': made(charge, failedCharge),
  'charge.refunded': later(
    charge,
    { amount_refunded: AMOUNT, refunded: true },
    { amount_refunded: 0, refunded: false },
  ),
  'charge.succeeded': made(charge),
  'charge.updated': later(charge, DISPUTED, { disputed: false }),
  'checkout.session.completed': later(session),
  'checkout.session.expired': later(session, ({ now }) => ({
    customer: null,
    customer_details: null,
    expires_at: now,
    payment_intent: null,
    payment_status: 'unpaid',
    status: 'expired',
  })),
  'customer.created': made(customer),
  'customer.deleted': later(customer),
  'customer.updated': later(customer, { phone: '+14155550132' }, { phone: null }),
  'customer.subscription.created': made(subscription),
  'customer.subscription.deleted': later(subscription, ({ now }) => ({
    canceled_at: now,
    ended_at: now,
    status: 'canceled',
  })),
  'customer.subscription.trial_will_end': later(subscription, ({ created, now }) => ({
    status: 'trialing',
    trial_end: now + TRIAL_ENDS_IN,
    trial_start: created,
  })),
  'customer.subscription.updated': later(
    subscription,
    ({ now, created }) => ({ cancel_at: created + 30 * ONE_DAY, cancel_at_period_end: true, canceled_at: now }),
    { cancel_at: null, cancel_at_period_end: false, canceled_at: null },
  ),
  'invoice.created': made(invoice, draftInvoice),
  'invoice.finalized': later(invoice, openInvoice),
  'invoice.paid': later(invoice),
  'invoice.payment_failed': later(invoice, (scene) => ({
    ...openInvoice(scene),
    attempt_count: 1,
    attempted: true,
    next_payment_attempt: scene.now + 3 * ONE_DAY,
  })),
  'invoice.payment_succeeded': later(invoice),
  'invoice.updated': later(invoice, {}, (scene) => {
    const { amount_paid, amount_remaining, status } = openInvoice(scene);
    return { amount_paid, amount_remaining, attempt_count: 0, attempted: false, status };
  }),
  'invoice.voided': later(invoice, (scene) => ({
    ...openInvoice(scene),
    auto_advance: false,
    status: 'void',
    status_transitions: { ...openInvoice(scene).status_transitions, voided_at: scene.now },
  })),
  'payment_intent.canceled': later(paymentIntent, ({ now }) => ({
    ...UNPAID,
    canceled_at: now,
    cancellation_reason: 'requested_by_customer',
    status: 'canceled',
  })),
  'payment_intent.created': made(paymentIntent, UNPAID),
  'payment_intent.payment_failed': later(paymentIntent, (scene) => ({
    ...UNPAID,
    last_payment_error: declined(scene),
    latest_charge: scene.id('ch_'),
  })),
  'payment_intent.processing': later(paymentIntent, { amount_received: 0, latest_charge: null, status: 'processing' }),
  'payment_intent.succeeded': later(paymentIntent),
  'payment_method.attached': later(paymentMethod),
  'payment_method.detached': later(paymentMethod, { customer: null }, ({ id }) => ({ customer: id('cus_', 14) })),
  'payout.created': made(payout),
  'payout.failed': later(payout, {
    failure_code: 'account_closed',
    failure_message: 'The bank account has been closed.',
    status: 'failed',
  }),
  'payout.paid': later(payout, { reconciliation_status: 'completed', status: 'paid' }),
  'price.created': made(price),
  'price.updated': later(price, { active: false }, { active: true }),
  'product.created': made(product, { default_price: null }),
  'product.deleted': later(product),
  'product.updated': later(product, {}, ({ created }) => ({ default_price: null, updated: created })),
  'refund.created': made(refund),
  'refund.updated': later(refund, {}, { status: 'pending' }),
  'setup_intent.created': made(setupIntent, NOT_TRIED),
  'setup_intent.setup_failed': later(setupIntent, (scene) => ({
    last_setup_error: declined(scene),
    payment_method: null,
    status: 'requires_payment_method',
  })),
  'setup_intent.succeeded': later(setupIntent),
} satisfies Partial<Record<Stripe.Event.Type, Stage>>;
