import type Stripe from 'stripe';
import { AMOUNT, CURRENCY, ONE_DAY, object, type Scene, type Sparse } from '../scene.ts';
import { BILLING_DETAILS, chargedCard, customerId, EMAIL, NAME, paymentMethod, paymentMethodId } from './customer.ts';

const paymentIntentId = (scene: Scene): string => scene.id('pi_');
const chargeId = (scene: Scene): string => scene.id('ch_');
const balanceTransactionId = (scene: Scene): string => scene.id('txn_');

const MESSAGE = 'Your card was declined.';

/** What a payment or a setup says when its card is declined. */
export const declined = (scene: Scene): Sparse<Stripe.PaymentIntent.LastPaymentError> => ({
  code: 'card_declined',
  decline_code: 'generic_decline',
  message: MESSAGE,
  payment_method: { ...paymentMethod(scene), customer: null },
  type: 'card_error',
});

/** Succeeded. */
export const paymentIntent = (scene: Scene): Sparse<Stripe.PaymentIntent> => ({
  ...object('payment_intent', paymentIntentId(scene), scene),
  amount: AMOUNT,
  amount_capturable: 0,
  amount_received: AMOUNT,
  automatic_payment_methods: { allow_redirects: 'always', enabled: true },
  capture_method: 'automatic',
  client_secret: `${paymentIntentId(scene)}_secret_${scene.id('', 25)}`,
  confirmation_method: 'automatic',
  currency: CURRENCY,
  customer: customerId(scene),
  latest_charge: chargeId(scene),
  payment_method: paymentMethodId(scene),
  payment_method_types: ['card'],
  receipt_email: EMAIL,
  status: 'succeeded',
});

/** Before a payment method was tried. */
export const UNPAID = {
  amount_received: 0,
  latest_charge: null,
  payment_method: null,
  status: 'requires_payment_method',
} as const;

/** Paid and captured. */
export const charge = (scene: Scene): Sparse<Stripe.Charge> => ({
  ...object('charge', chargeId(scene), scene),
  amount: AMOUNT,
  amount_captured: AMOUNT,
  amount_refunded: 0,
  balance_transaction: balanceTransactionId(scene),
  billing_details: BILLING_DETAILS,
  calculated_statement_descriptor: 'EXAMPLE.COM',
  captured: true,
  currency: CURRENCY,
  customer: customerId(scene),
  disputed: false,
  fraud_details: {},
  outcome: {
    network_status: 'approved_by_network',
    risk_level: 'normal',
    risk_score: 12,
    seller_message: 'Payment complete.',
    type: 'authorized',
  },
  paid: true,
  payment_intent: paymentIntentId(scene),
  payment_method: paymentMethodId(scene),
  payment_method_details: chargedCard(scene, AMOUNT),
  receipt_email: EMAIL,
  receipt_url: `https://pay.stripe.com/receipts/payment/${scene.id('', 60)}`,
  refunded: false,
  status: 'succeeded',
});

export const failedCharge = (scene: Scene): Partial<Sparse<Stripe.Charge>> => ({
  amount_captured: 0,
  balance_transaction: null,
  captured: false,
  failure_code: 'card_declined',
  failure_message: MESSAGE,
  outcome: {
    network_status: 'declined_by_network',
    reason: 'generic_decline',
    risk_level: 'normal',
    risk_score: 12,
    seller_message: 'The bank did not return any further details with this decline.',
    type: 'issuer_declined',
  },
  paid: false,
  payment_method_details: chargedCard(scene, AMOUNT),
  receipt_url: null,
  status: 'failed',
});

export const refund = (scene: Scene): Sparse<Stripe.Refund> => ({
  ...object('refund', scene.id('re_'), scene),
  amount: AMOUNT,
  balance_transaction: scene.id('txn_re'),
  charge: chargeId(scene),
  currency: CURRENCY,
  customer: customerId(scene),
  payment_intent: paymentIntentId(scene),
  payment_method: paymentMethodId(scene),
  reason: 'requested_by_customer',
  status: 'succeeded',
});

export const dispute = (scene: Scene): Sparse<Stripe.Dispute> => ({
  ...object('dispute', scene.id('du_'), scene),
  amount: AMOUNT,
  balance_transactions: [],
  charge: chargeId(scene),
  currency: CURRENCY,
  enhanced_eligibility_types: [],
  evidence: {
    customer_email_address: EMAIL,
    customer_name: NAME,
    enhanced_evidence: {},
  },
  evidence_details: {
    due_by: scene.created + 9 * ONE_DAY,
    enhanced_eligibility: {},
    has_evidence: false,
    past_due: false,
    submission_count: 0,
    submission_method: 'not_submitted',
  },
  intended_submission_method: null,
  is_charge_refundable: false,
  payment_intent: paymentIntentId(scene),
  reason: 'fraudulent',
  status: 'needs_response',
});

export const setupIntent = (scene: Scene): Sparse<Stripe.SetupIntent> => ({
  ...object('setup_intent', scene.id('seti_'), scene),
  automatic_payment_methods: { allow_redirects: 'always', enabled: true },
  client_secret: `${scene.id('seti_')}_secret_${scene.id('', 25)}`,
  customer: customerId(scene),
  latest_attempt: scene.id('setatt_'),
  payment_method: paymentMethodId(scene),
  payment_method_types: ['card'],
  status: 'succeeded',
  usage: 'off_session',
});

export const payout = (scene: Scene): Sparse<Stripe.Payout> => ({
  ...object('payout', scene.id('po_'), scene),
  amount: 5 * AMOUNT,
  arrival_date: scene.created + 2 * ONE_DAY,
  automatic: true,
  balance_transaction: scene.id('txn_po'),
  currency: CURRENCY,
  description: 'STRIPE PAYOUT',
  destination: scene.id('ba_'),
  method: 'standard',
  reconciliation_status: 'in_progress',
  source_type: 'card',
  status: 'in_transit',
  type: 'bank_account',
});
