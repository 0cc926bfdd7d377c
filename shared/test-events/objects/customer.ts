import type Stripe from 'stripe';
import { object, type Scene, type Sparse } from '../scene.ts';

export const EMAIL = 'jenny.rosen@example.com';
export const NAME = 'Jenny Rosen';
export const ADDRESS = {
  city: 'San Francisco',
  country: 'US',
  line1: '354 Oyster Point Blvd',
  line2: null,
  postal_code: '94080',
  state: 'CA',
};

export const customerId = (scene: Scene): string => scene.id('cus_', 14);

export const customer = (scene: Scene): Sparse<Stripe.Customer> => ({
  ...object('customer', customerId(scene), scene),
  address: ADDRESS,
  balance: 0,
  delinquent: false,
  email: EMAIL,
  invoice_prefix: scene.id('', 8).toUpperCase(),
  invoice_settings: { default_payment_method: null },
  name: NAME,
  next_invoice_sequence: 1,
  phone: null,
  preferred_locales: [],
  tax_exempt: 'none',
});

const CARD = {
  brand: 'visa',
  country: 'US',
  exp_month: 12,
  funding: 'credit',
  last4: '4242',
  regulated_status: 'unregulated',
} as const;
const CHECKS = { address_line1_check: null, address_postal_code_check: 'pass', cvc_check: 'pass' };
const expiry = ({ created }: Scene) => ({ exp_year: new Date(created * 1000).getUTCFullYear() + 4 });

export const BILLING_DETAILS = { address: ADDRESS, email: EMAIL, name: NAME, phone: null, tax_id: null };

export const paymentMethodId = (scene: Scene): string => scene.id('pm_');

export const paymentMethod = (scene: Scene): Sparse<Stripe.PaymentMethod> => ({
  ...object('payment_method', paymentMethodId(scene), scene),
  allow_redisplay: 'unspecified',
  billing_details: BILLING_DETAILS,
  card: {
    ...CARD,
    ...expiry(scene),
    checks: CHECKS,
    display_brand: 'visa',
    fingerprint: scene.id('', 16),
    networks: { available: ['visa'], preferred: null },
    three_d_secure_usage: { supported: true },
  },
  customer: customerId(scene),
  customer_account: null,
  type: 'card',
});

/** How the charge shows the card. */
export const chargedCard = (scene: Scene, amount: number): Sparse<Stripe.Charge.PaymentMethodDetails> => ({
  card: {
    ...CARD,
    ...expiry(scene),
    amount_authorized: amount,
    checks: CHECKS,
    fingerprint: scene.id('', 16),
    network: 'visa',
    network_transaction_id: scene.id('nti', 15),
  },
  type: 'card',
});
