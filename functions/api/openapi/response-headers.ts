export const RESPONSE_HEADERS = {
  RequestId: { description: 'Names this request.', schema: { type: 'string' } },
  StripeVersion: { description: 'The API version of the answer.', schema: { type: 'string' } },
  IdempotentReplayed: {
    description: '`true` if an earlier request of this Idempotency-Key was done already.',
    schema: { type: 'string', const: 'true' },
  },
  StripeShouldRetry: {
    description: 'Whether the same request may succeed later; Stripe’s SDKs follow it.',
    schema: { type: 'string', enum: ['true', 'false'] },
  },
};

export const headersOf = (...names: (keyof typeof RESPONSE_HEADERS)[]) =>
  Object.fromEntries(
    names.map((name) => [name.replace(/(?<=[a-z])(?=[A-Z])/g, '-'), { $ref: `#/components/headers/${name}` }]),
  );
