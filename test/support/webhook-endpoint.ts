/** A request that creates a webhook endpoint, to which nothing is ever sent. */
export const webhookEndpoint = (changes: object = {}) => ({
  name: 'A webhook',
  type: 'webhook_endpoint',
  event_payload: 'snapshot',
  enabled_events: ['customer.created'],
  webhook_endpoint: { url: 'https://example.com/hook' },
  ...changes,
});
