import { describe, expect, it } from 'vitest';
import * as examples from '../../../functions/api/openapi/examples.ts';
import { Contract, type Exchange } from '../../support/openapi/contract.ts';

const PATH = `/v2/core/event_destinations/${examples.eventDestination.id}`;
const retrieved: Exchange = { method: 'GET', path: PATH, status: 200, answer: examples.eventDestination };
const updated = (body: object): Exchange => ({ ...retrieved, method: 'POST', requestBody: JSON.stringify(body) });
const refused = (status: number, code: string): Exchange => ({
  ...retrieved,
  status,
  answer: { error: { code, message: 'No.', type: 'invalid_request_error' } },
});

describe('every exchange of a test', () => {
  it.each([
    ['what is described', retrieved],
    ['an error that the operation describes', refused(404, 'not_found')],
    ['a body that the document allows', updated({ name: 'New' })],
    ['an unknown path, in the envelope', { ...refused(404, 'not_found'), path: '/v3/nothing' }],
  ])('passes with %s', (_, exchange) => {
    expect(() => new Contract().check(exchange)).not.toThrow();
  });

  it.each([
    [
      'a field that is not described',
      { ...retrieved, answer: { ...examples.eventDestination, color: 'red' } },
      'color',
    ],
    ['a field that is missing', { ...retrieved, answer: { ...examples.eventDestination, name: undefined } }, 'name'],
    ['a value of another type', { ...retrieved, answer: { ...examples.eventDestination, livemode: 'no' } }, 'livemode'],
    ['a time that is none', { ...retrieved, answer: { ...examples.eventDestination, created: 'now' } }, 'created'],
    ['a status that is not described', refused(418, 'not_found'), '418'],
    ['a code that the operation does not describe', refused(404, 'resource_missing'), 'error/code'],
    ['an error without the envelope', { ...retrieved, status: 500, answer: { message: 'No.' } }, 'error'],
    ['a body that the document refuses', updated({ name: 7 }), 'name'],
  ])('fails with %s, which it names', (_, exchange, named) => {
    const contract = new Contract();
    expect(() => contract.check(exchange)).toThrow(named);
    expect(() => contract.check(exchange)).toThrow(`EventDestination, ${exchange.method} ${PATH}`);
    expect(() => contract.assertKept()).toThrow('openapi.json was not kept to');
  });
});
