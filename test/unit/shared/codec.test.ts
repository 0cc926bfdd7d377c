import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packContent, unpackEvent } from '../../../shared/events/codec.ts';
import type { Event } from '../../../shared/events/event.ts';

const customer = {
  type: 'customer.created',
  data: {
    object: {
      id: 'cus_NffrFeUfNV2Hib',
      object: 'customer',
      address: null,
      balance: 0,
      created: 1680893993,
      currency: null,
      default_source: null,
      delinquent: false,
      description: null,
      email: 'jennyrosen@example.com',
      invoice_prefix: '0759376C',
      invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
      livemode: false,
      metadata: {},
      name: 'Jenny Rosen',
      next_invoice_sequence: 1,
      phone: null,
      preferred_locales: [],
      shipping: null,
      tax_exempt: 'none',
      test_clock: null,
    },
  },
  api_version: '2025-08-27.basil',
};

const head = { id: 'evt_test_01M7YRRT80NJV7GN7EHF0W928N', account: 'acct_1', livemode: false };

describe('the codec of event content', () => {
  it('gives back whatever JSON went in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (object) => {
        const content = { type: 'a.b', data: { object: { object } } } as Event['content'];
        expect(JSON.stringify(unpackEvent(head, packContent(content)).content)).toBe(JSON.stringify(content));
      }),
    );
  });

  it('packs a common event to a third of its size, so that it fits one write unit', () => {
    const packed = packContent(customer);
    expect(packed.length).toBeLessThan(JSON.stringify(customer).length / 3);
  });

  it('names its dictionary in the first byte and refuses one that it does not know', () => {
    const packed = packContent(customer);
    expect(packed[0]).toBe(1);
    expect(() => unpackEvent(head, Buffer.concat([Buffer.of(99), packed.subarray(1)]))).toThrow('dictionary 99');
  });
});
