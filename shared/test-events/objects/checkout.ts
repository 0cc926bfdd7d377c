import type Stripe from 'stripe';
import { AMOUNT, CURRENCY, ONE_DAY, object, type Scene, type Sparse } from '../scene.ts';
import { ADDRESS, customerId, EMAIL, NAME } from './customer.ts';

/** Completed: a payment of one product. */
export const session = (scene: Scene): Sparse<Stripe.Checkout.Session> => ({
  ...object('checkout.session', scene.id('cs_test_', 58), scene),
  amount_subtotal: AMOUNT,
  amount_total: AMOUNT,
  automatic_tax: { enabled: false },
  cancel_url: 'https://example.com/cancel',
  currency: CURRENCY,
  custom_fields: [],
  custom_text: {},
  customer: customerId(scene),
  customer_details: {
    address: ADDRESS,
    email: EMAIL,
    name: NAME,
    tax_exempt: 'none',
    tax_ids: [],
  },
  discounts: [],
  expires_at: scene.created + ONE_DAY,
  mode: 'payment',
  payment_intent: scene.id('pi_'),
  payment_method_collection: 'if_required',
  payment_method_types: ['card'],
  payment_status: 'paid',
  shipping_options: [],
  status: 'complete',
  success_url: 'https://example.com/success',
  total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
  ui_mode: 'hosted_page',
});
