import type Stripe from 'stripe';
import { AMOUNT, CURRENCY, listOf, ONE_DAY, object, type Scene, type Sparse } from '../scene.ts';
import { ADDRESS, customerId, EMAIL, NAME, paymentMethodId } from './customer.ts';

const MONTH = 30 * ONE_DAY;
const NICKNAME = 'Gold Plan';
const MONTHLY = { interval: 'month', interval_count: 1, usage_type: 'licensed' } as const;

const productId = (scene: Scene): string => scene.id('prod_', 14);
const priceId = (scene: Scene): string => scene.id('price_');
const subscriptionId = (scene: Scene): string => scene.id('sub_');
const itemId = (scene: Scene): string => scene.id('si_', 14);
const invoiceId = (scene: Scene): string => scene.id('in_');

export const product = (scene: Scene): Sparse<Stripe.Product> => ({
  ...object('product', productId(scene), scene),
  active: true,
  default_price: priceId(scene),
  images: [],
  marketing_features: [],
  name: NICKNAME,
  type: 'service',
  updated: scene.now,
});

export const price = (scene: Scene): Sparse<Stripe.Price> => ({
  ...object('price', priceId(scene), scene),
  active: true,
  billing_scheme: 'per_unit',
  currency: CURRENCY,
  nickname: NICKNAME,
  product: productId(scene),
  recurring: MONTHLY,
  tax_behavior: 'unspecified',
  type: 'recurring',
  unit_amount: AMOUNT,
  unit_amount_decimal: String(AMOUNT),
});

/** The price as it was before there were prices. */
const plan = (scene: Scene): Sparse<Stripe.Plan> => {
  const { active, billing_scheme, currency, nickname, product } = price(scene);
  const { interval, interval_count, usage_type } = MONTHLY;
  return {
    ...object('plan', priceId(scene), scene),
    amount: AMOUNT,
    ...{ active, billing_scheme, currency, interval, interval_count, nickname, product, usage_type },
  };
};

const item = (scene: Scene): Sparse<Stripe.SubscriptionItem> => ({
  ...object('subscription_item', itemId(scene), scene),
  current_period_end: scene.created + MONTH,
  current_period_start: scene.created,
  discounts: [],
  plan: plan(scene),
  price: price(scene),
  quantity: 1,
  subscription: subscriptionId(scene),
  tax_rates: [],
});

/** Active, in its first month. */
export const subscription = (scene: Scene): Sparse<Stripe.Subscription> => ({
  ...object('subscription', subscriptionId(scene), scene),
  automatic_tax: { enabled: false },
  billing_cycle_anchor: scene.created,
  billing_mode: { flexible: { proration_discounts: 'included' }, type: 'flexible' },
  billing_schedules: [],
  cancel_at_period_end: false,
  collection_method: 'charge_automatically',
  currency: CURRENCY,
  customer: customerId(scene),
  default_payment_method: paymentMethodId(scene),
  default_tax_rates: [],
  discounts: [],
  invoice_settings: { issuer: { type: 'self' } },
  items: listOf(`/v1/subscription_items?subscription=${subscriptionId(scene)}`, [item(scene)]),
  latest_invoice: invoiceId(scene),
  payment_settings: {
    save_default_payment_method: 'off',
  },
  start_date: scene.created,
  status: 'active',
  trial_settings: { end_behavior: { billing_cycle_anchor: null, missing_payment_method: 'create_invoice' } },
});

const period = ({ created }: Scene) => ({ end: created + MONTH, start: created });

const line = (scene: Scene): Sparse<Stripe.InvoiceLineItem> => ({
  id: scene.id('il_'),
  object: 'line_item',
  amount: AMOUNT,
  currency: CURRENCY,
  description: `1 × ${NICKNAME} (at $20.00 / month)`,
  discount_amounts: [],
  discountable: true,
  discounts: [],
  invoice: invoiceId(scene),
  livemode: false,
  metadata: {},
  parent: {
    invoice_item_details: null,
    subscription_item_details: {
      proration: false,
      subscription: subscriptionId(scene),
      subscription_item: itemId(scene),
    },
    type: 'subscription_item_details',
  },
  period: period(scene),
  pretax_credit_amounts: [],
  pricing: {
    price_details: { price: priceId(scene), product: productId(scene) },
    type: 'price_details',
    unit_amount_decimal: String(AMOUNT),
  },
  quantity: 1,
  quantity_decimal: '1',
  subscription: subscriptionId(scene),
  subtotal: AMOUNT,
  taxes: [],
});

const number = (scene: Scene): string => `${scene.id('', 8).toUpperCase()}-0001`;

const hostedUrl = (scene: Scene): string => `https://invoice.stripe.com/i/${scene.account}/test_${scene.id('', 60)}`;

/** Finalized and paid: the first month of the subscription. */
export const invoice = (scene: Scene): Sparse<Stripe.Invoice> => ({
  ...object('invoice', invoiceId(scene), scene),
  account_country: 'US',
  account_name: 'Example, Inc.',
  amount_due: AMOUNT,
  amount_overpaid: 0,
  amount_paid: AMOUNT,
  amount_remaining: 0,
  amount_shipping: 0,
  attempt_count: 1,
  attempted: true,
  auto_advance: false,
  automatic_tax: { enabled: false },
  billing_reason: 'subscription_create',
  collection_method: 'charge_automatically',
  currency: CURRENCY,
  customer: customerId(scene),
  customer_address: ADDRESS,
  customer_email: EMAIL,
  customer_name: NAME,
  customer_tax_exempt: 'none',
  customer_tax_ids: [],
  default_tax_rates: [],
  discounts: [],
  effective_at: scene.created,
  ending_balance: 0,
  hosted_invoice_url: hostedUrl(scene),
  invoice_pdf: `${hostedUrl(scene)}/pdf`,
  issuer: { type: 'self' },
  lines: listOf(`/v1/invoices/${invoiceId(scene)}/lines`, [line(scene)]),
  number: number(scene),
  parent: {
    quote_details: null,
    subscription_details: { metadata: {}, subscription: subscriptionId(scene) },
    type: 'subscription_details',
  },
  payment_settings: {},
  period_end: scene.created,
  period_start: scene.created,
  post_payment_credit_notes_amount: 0,
  pre_payment_credit_notes_amount: 0,
  starting_balance: 0,
  status: 'paid',
  status_transitions: {
    finalized_at: scene.created,
    paid_at: scene.now,
  },
  subtotal: AMOUNT,
  subtotal_excluding_tax: AMOUNT,
  total: AMOUNT,
  total_discount_amounts: [],
  total_excluding_tax: AMOUNT,
  total_pretax_credit_amounts: [],
  total_taxes: [],
  webhooks_delivered_at: scene.created,
});

/** Still to be paid. */
export const openInvoice = ({ created }: Scene) =>
  ({
    amount_paid: 0,
    amount_remaining: AMOUNT,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    status: 'open',
    status_transitions: { finalized_at: created },
    webhooks_delivered_at: null,
  }) as const;

/** Not finalized: without a number, and without pages. */
export const draftInvoice = (scene: Scene) =>
  ({
    ...openInvoice(scene),
    automatically_finalizes_at: scene.created + 3600,
    effective_at: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    number: null,
    status: 'draft',
    status_transitions: {},
  }) as const;
