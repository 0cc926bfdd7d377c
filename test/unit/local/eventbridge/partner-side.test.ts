import { describe, expect, it } from 'vitest';
import { CUSTOMER, createSource, PARTNER, refusal, SOURCE, setUp } from './harness.ts';

describe('the partner operations', () => {
  it.each([
    ['CreatePartnerEventSource', { Name: SOURCE, Account: CUSTOMER.account }],
    ['DeletePartnerEventSource', { Name: SOURCE, Account: CUSTOMER.account }],
    ['DescribePartnerEventSource', { Name: SOURCE }],
    ['ListPartnerEventSources', { NamePrefix: 'aws.partner/example.com/' }],
    ['ListPartnerEventSourceAccounts', { EventSourceName: SOURCE }],
    ['PutPartnerEvents', { Entries: [] }],
  ])('deny %s to an account that is not registered as a partner', async (operation, input) => {
    const error = await refusal(setUp().customer(operation, input));
    expect(error.code).toBe('AccessDeniedException');
    expect(error.message).toMatch(/is not authorized to perform: events:\w+ .*registered partner/);
  });

  it('show a partner only its own sources', async () => {
    const other = { account: '444444444444', region: PARTNER.region };
    const cloud = setUp({ partnerAccounts: new Set([PARTNER.account, other.account]) });
    await createSource(cloud);
    expect(
      await cloud.cloud.handle('ListPartnerEventSources', { NamePrefix: 'aws.partner/example.com/' }, other),
    ).toEqual({
      PartnerEventSources: [],
    });
    expect((await refusal(cloud.cloud.handle('DescribePartnerEventSource', { Name: SOURCE }, other))).code).toBe(
      'ResourceNotFoundException',
    );
    await cloud.cloud.handle('DeletePartnerEventSource', { Name: SOURCE, Account: CUSTOMER.account }, other);
    expect(await cloud.partner('DescribePartnerEventSource', { Name: SOURCE })).toMatchObject({ Name: SOURCE });
  });

  it('let a partner delete what is not there', async () => {
    const cloud = setUp();
    expect(await cloud.partner('DeletePartnerEventSource', { Name: SOURCE, Account: CUSTOMER.account })).toEqual({});
  });

  it('delete nothing when the account is another one', async () => {
    const cloud = setUp();
    await createSource(cloud);
    await cloud.partner('DeletePartnerEventSource', { Name: SOURCE, Account: '999999999999' });
    expect(await cloud.partner('DescribePartnerEventSource', { Name: SOURCE })).toMatchObject({ Name: SOURCE });
  });

  it('list by prefix, page by page, in the order of the names', async () => {
    const cloud = setUp();
    for (const id of ['c', 'a', 'e', 'b', 'd']) await createSource(cloud, `aws.partner/example.com/ed_${id}`);
    await createSource(cloud, 'aws.partner/other.com/ed_x');
    const seen: string[] = [];
    const pages: number[] = [];
    let token: unknown;
    do {
      const request = { NamePrefix: 'aws.partner/example.com/', Limit: 2, ...(token ? { NextToken: token } : {}) };
      const answer: { PartnerEventSources?: { Name: string }[]; NextToken?: string } = Object(
        await cloud.partner('ListPartnerEventSources', request),
      );
      const names = (answer.PartnerEventSources ?? []).map(({ Name }) => Name);
      seen.push(...names);
      pages.push(names.length);
      token = answer.NextToken;
    } while (token);
    expect(pages).toEqual([2, 2, 1]);
    expect(seen.map((name) => name.slice(-1))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('refuse a token that no page gave', async () => {
    const request = { NamePrefix: 'aws.partner/example.com/', NextToken: 'nonsense' };
    expect((await refusal(setUp().partner('ListPartnerEventSources', request))).code).toBe('InvalidToken');
  });
});

describe('a request that breaks the service model', () => {
  it.each([
    [
      'a name that is no partner name',
      { Name: 'example.com/ed_1', Account: CUSTOMER.account },
      "1 validation error detected: Value 'example.com/ed_1' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: aws\\.partner(/[\\.\\-_A-Za-z0-9]+){2,}",
    ],
    [
      'no name',
      { Account: CUSTOMER.account },
      "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
    ],
    [
      'an account that is too short',
      { Name: SOURCE, Account: '12' },
      "2 validation errors detected: Value '12' at 'account' failed to satisfy constraint: Member must satisfy regular expression pattern: \\d{12}; Value '12' at 'account' failed to satisfy constraint: Member must have length greater than or equal to 12",
    ],
  ])('is refused for %s, in the words of AWS', async (_, input, message) => {
    expect(await refusal(setUp().partner('CreatePartnerEventSource', input))).toMatchObject({
      code: 'ValidationException',
      statusCode: 400,
      message,
    });
  });

  it('is refused for a limit out of range', async () => {
    const request = { NamePrefix: 'aws.partner/example.com/', Limit: 101 };
    expect((await refusal(setUp().partner('ListPartnerEventSources', request))).message).toBe(
      "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 100",
    );
  });

  it.each([
    ['ListPartnerEventSources', {}],
    ['ListPartnerEventSources', { NamePrefix: 'aws.partner' }],
    ['ListPartnerEventSourceAccounts', { EventSourceName: 'x' }],
    ['DescribeEventSource', { Name: `aws.partner/a/${'b'.repeat(256)}` }],
  ])('is refused by %s', async (operation, input) => {
    expect((await refusal(setUp().partner(operation, input))).code).toBe('ValidationException');
  });

  it.each([[{ Name: 1, Account: CUSTOMER.account }], ['text'], [null], [[]]])(
    'is a SerializationException where the JSON has another type: %j',
    async (input) => {
      expect((await refusal(setUp().partner('CreatePartnerEventSource', input))).code).toBe('SerializationException');
    },
  );

  it('is an UnknownOperationException for an operation that does not exist', async () => {
    expect((await refusal(setUp().partner('StartReplay'))).code).toBe('UnknownOperationException');
  });
});
