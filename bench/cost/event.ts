import { randomBytes } from 'node:crypto';

const id = (prefix: string) => `${prefix}_${randomBytes(12).toString('base64url')}`;

/**
 * A charge of about 2 KB as JSON, as payment platforms send them: many fields that are mostly the same, and ids, amounts
 * and texts that are not. What it compresses to is therefore neither a best nor a worst case.
 */
export function charge(index: number): Record<string, unknown> {
  const amount = 500 + ((index * 7919) % 90_000);
  return {
    id: id('ch'),
    object: 'charge',
    amount,
    amount_captured: amount,
    amount_refunded: 0,
    application_fee_amount: null,
    balance_transaction: id('txn'),
    billing_details: {
      address: {
        city: 'Berlin',
        country: 'DE',
        line1: `Allee ${index}`,
        line2: null,
        postal_code: '10115',
        state: null,
      },
      email: `${randomBytes(6).toString('hex')}@example.com`,
      name: `Customer ${randomBytes(4).toString('hex')}`,
      phone: null,
    },
    calculated_statement_descriptor: 'EXAMPLE SHOP',
    captured: true,
    created: 1_795_000_000 + index,
    currency: 'eur',
    customer: id('cus'),
    description: `Order ${randomBytes(5).toString('hex')}`,
    disputed: false,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    invoice: id('in'),
    livemode: true,
    metadata: { order_id: randomBytes(8).toString('hex'), cart_id: randomBytes(8).toString('hex'), channel: 'web' },
    on_behalf_of: null,
    outcome: {
      network_status: 'approved_by_network',
      reason: null,
      risk_level: 'normal',
      risk_score: index % 64,
      seller_message: 'Payment complete.',
      type: 'authorized',
    },
    paid: true,
    payment_intent: id('pi'),
    payment_method: id('pm'),
    payment_method_details: {
      card: {
        brand: 'visa',
        checks: { address_line1_check: 'pass', address_postal_code_check: 'pass', cvc_check: 'pass' },
        country: 'DE',
        exp_month: 1 + (index % 12),
        exp_year: 2030,
        fingerprint: randomBytes(12).toString('base64url'),
        funding: 'credit',
        last4: String(1000 + (index % 9000)),
        network: 'visa',
        three_d_secure: null,
        wallet: null,
      },
      type: 'card',
    },
    receipt_email: null,
    receipt_number: null,
    receipt_url: `https://pay.example.com/receipts/${randomBytes(24).toString('base64url')}`,
    refunded: false,
    refunds: { object: 'list', data: [], has_more: false, total_count: 0, url: `/v1/charges/${id('ch')}/refunds` },
    review: null,
    shipping: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: null,
  };
}
