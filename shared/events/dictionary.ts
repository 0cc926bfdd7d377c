/**
 * Preset dictionaries for deflate: text that events are full of, the most frequent last, where it costs the fewest bits.
 * A 2.5 KB event is 1.1 KB without and a third of that with one: one DynamoDB write unit instead of two. A version
 * is never changed or removed while an event that was packed with it can be read; improve by adding the next.
 */
const V1 = [
  '"https://","url":"/v1/","object":"list","has_more":false,"data":[],"total_count":0,"currency":"usd","amount":',
  '"payment_method_details":{"card":{"brand":"visa","checks":{"address_line1_check":null,"address_postal_code_check":null,"cvc_check":"pass"},"country":"US","exp_month":12,"exp_year":20,"fingerprint":"","funding":"credit","last4":"4242","network":"visa","three_d_secure":null,"wallet":null},"type":"card"},',
  '"billing_details":{"address":{"city":null,"country":null,"line1":null,"line2":null,"postal_code":null,"state":null},"email":null,"name":null,"phone":null},',
  '"amount_captured":0,"amount_refunded":0,"application":null,"application_fee":null,"application_fee_amount":null,"balance_transaction":"txn_","calculated_statement_descriptor":null,"captured":true,"dispute":null,"disputed":false,"failure_code":null,"failure_message":null,"fraud_details":{},"on_behalf_of":null,"order":null,"outcome":{"network_status":"approved_by_network","reason":null,"risk_level":"normal","risk_score":0,"seller_message":"Payment complete.","type":"authorized"},"paid":true,"payment_intent":"pi_","payment_method":"pm_","receipt_email":null,"receipt_number":null,"receipt_url":null,"refunded":false,"review":null,"source":null,"source_transfer":null,"statement_descriptor":null,"statement_descriptor_suffix":null,"status":"succeeded","transfer_data":null,"transfer_group":null',
  '"account_country":"US","account_name":null,"amount_due":0,"amount_paid":0,"amount_remaining":0,"attempt_count":0,"attempted":true,"auto_advance":false,"billing_reason":"subscription_cycle","collection_method":"charge_automatically","custom_fields":null,"customer_address":null,"customer_email":null,"customer_name":null,"customer_phone":null,"customer_shipping":null,"customer_tax_exempt":"none","customer_tax_ids":[],"default_payment_method":null,"default_source":null,"default_tax_rates":[],"due_date":null,"ending_balance":0,"footer":null,"hosted_invoice_url":null,"invoice_pdf":null,"lines":{"object":"list","data":[{"id":"il_","object":"line_item"',
  '"subscription":"sub_","subtotal":0,"tax":null,"total":0,"total_discount_amounts":[],"total_tax_amounts":[],"billing_cycle_anchor":1,"cancel_at":null,"cancel_at_period_end":false,"canceled_at":null,"current_period_end":1,"current_period_start":1,"days_until_due":null,"ended_at":null,"items":{"object":"list","data":[{"id":"si_","object":"subscription_item","plan":{"id":"price_","object":"plan","active":true,"interval":"month","interval_count":1,"product":"prod_","usage_type":"licensed"},"price":{"id":"price_","object":"price","recurring":{"interval":"month"},"type":"recurring","unit_amount":0,"unit_amount_decimal":"0"},"quantity":1',
  '"id":"cus_","object":"customer","address":null,"balance":0,"created":1,"currency":null,"default_currency":"usd","default_source":null,"delinquent":false,"description":null,"discount":null,"email":null,"invoice_prefix":"","invoice_settings":{"custom_fields":null,"default_payment_method":null,"footer":null,"rendering_options":null},"livemode":false,"metadata":{},"name":null,"next_invoice_sequence":1,"phone":null,"preferred_locales":[],"shipping":null,"tax_exempt":"none","test_clock":null}',
  '"related_object":{"id":"","type":"","url":"/v2/core/"},"reason":{"type":"request","request":{"id":"req_","idempotency_key":"stripe-node-retry-"}},"changes":{"before":{},"after":{}}',
  '{"type":"charge.succeeded"{"type":"payment_intent.succeeded"{"type":"invoice.paid"{"type":"customer.subscription.updated"{"type":"v1.billing.meter.error_report_triggered"',
  '"api_version":"2025-08-27.basil","request":{"id":"req_","idempotency_key":null},"previous_attributes":{"updated":',
  '"livemode":false,"metadata":{},"status":"active","description":null,"created":17',
  '{"type":"customer.created","data":{"object":{"id":"","object":"',
].join('');

export const CURRENT_DICTIONARY = 1;

const dictionaries: Readonly<Record<number, Buffer>> = { [CURRENT_DICTIONARY]: Buffer.from(V1) };

export function dictionary(version: number): Buffer {
  const found = dictionaries[version];
  if (!found) throw new Error(`An event was packed with dictionary ${version}, which this version does not have`);
  return found;
}
