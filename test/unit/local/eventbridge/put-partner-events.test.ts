import { beforeEach, describe, expect, it } from 'vitest';
import { AwsError } from '../../../../local/aws-error.ts';
import { SOURCE_GONE_CODE } from '../../../../local/eventbridge/index.ts';
import {
  attachBus,
  CUSTOMER,
  createSource,
  entry,
  inputs,
  PARTNER,
  refusal,
  type Setup,
  SOURCE,
  STRANGER,
  sendToQueue,
  setUp,
} from './harness.ts';

let cloud: Setup;
beforeEach(async () => {
  cloud = setUp();
  await createSource(cloud);
  await attachBus(cloud);
  await sendToQueue(cloud, SOURCE);
});

const put = (...entries: unknown[]) => cloud.partner('PutPartnerEvents', { Entries: entries });

describe('the envelope', () => {
  it('is the event as the customer of a partner receives it', async () => {
    const answer: { Entries?: { EventId: string }[] } = Object(
      await put(entry({ Time: Date.parse('2024-03-07T18:27:56.789Z') / 1000, Resources: ['arn:x'] })),
    );
    await cloud.clock.settled();
    expect(inputs(cloud)).toEqual([
      {
        version: '0',
        id: answer.Entries?.[0]?.EventId,
        'detail-type': 'order.created',
        source: SOURCE,
        account: CUSTOMER.account,
        time: '2024-03-07T18:27:56Z',
        region: 'eu-west-1',
        resources: ['arn:x'],
        detail: { id: 'evt_1' },
      },
    ]);
    expect(Object.keys(Object(inputs(cloud)[0]))).toEqual([
      'version',
      'id',
      'detail-type',
      'source',
      'account',
      'time',
      'region',
      'resources',
      'detail',
    ]);
  });

  it('has the time of the call and no resources where the entry has none', async () => {
    await put(entry());
    await cloud.clock.settled();
    expect(inputs(cloud)).toMatchObject([{ time: '2026-11-21T10:00:00Z', resources: [] }]);
  });

  it('goes to the targets after the call returned, and is tracked from within the call', async () => {
    const call = put(entry());
    expect(cloud.clock.busy).toBe(1);
    await call;
    expect(cloud.delivered).toEqual([]);
    await cloud.clock.settled();
    expect(cloud.delivered).toHaveLength(1);
    expect(cloud.clock.busy).toBe(0);
  });
});

describe('entries fail singly', () => {
  it.each([
    [
      'without a Source',
      { Source: undefined },
      'InvalidArgument',
      'Parameter Source is not valid. Reason: Source is a required argument.',
    ],
    [
      'without a DetailType',
      { DetailType: undefined },
      'InvalidArgument',
      'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
    ],
    [
      'without a Detail',
      { Detail: undefined },
      'InvalidArgument',
      'Parameter Detail is not valid. Reason: Detail is a required argument.',
    ],
    [
      'with an empty DetailType',
      { DetailType: '' },
      'InvalidArgument',
      'Parameter DetailType is not valid. Reason: DetailType is a required argument.',
    ],
    ['with a long DetailType', { DetailType: 'x'.repeat(129) }, 'InvalidArgument', expect.stringContaining('128')],
    ['with broken JSON', { Detail: '{"id":' }, 'MalformedDetail', 'Detail is malformed.'],
    ['with a Detail that is text', { Detail: '"text"' }, 'MalformedDetail', 'Detail is malformed.'],
    ['with a Detail that is a list', { Detail: '[1]' }, 'MalformedDetail', 'Detail is malformed.'],
    [
      'of a source that does not exist',
      { Source: 'aws.partner/example.com/nobody' },
      SOURCE_GONE_CODE,
      'Event source aws.partner/example.com/nobody does not exist.',
    ],
  ])('%s', async (_, more, ErrorCode, ErrorMessage) => {
    expect(await put(entry(more), entry())).toEqual({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode, ErrorMessage }, { EventId: expect.any(String) }],
    });
    await cloud.clock.settled();
    expect(cloud.delivered).toHaveLength(1);
  });

  it('of a source that another partner created', async () => {
    const two = setUp({ partnerAccounts: new Set([PARTNER.account, STRANGER.account]) });
    await createSource(two);
    expect(await two.cloud.handle('PutPartnerEvents', { Entries: [entry()] }, STRANGER)).toMatchObject({
      FailedEntryCount: 1,
    });
  });

  it('of a source in another Region', async () => {
    const elsewhere = { ...PARTNER, region: 'us-east-1' };
    expect(await cloud.cloud.handle('PutPartnerEvents', { Entries: [entry()] }, elsewhere)).toMatchObject({
      FailedEntryCount: 1,
    });
  });
});

describe('a whole request is refused', () => {
  it.each([
    ['no entries', []],
    ['21 entries', Array.from({ length: 21 }, () => entry())],
  ])('for %s', async (_, entries) => {
    const error = await refusal(put(...entries));
    expect(error.code).toBe('ValidationException');
    expect(error.message).toContain("at 'entries' failed to satisfy constraint: Member must have length");
  });

  it('when each of its entries lacks something', async () => {
    expect((await refusal(put(entry({ Detail: undefined }), entry({ Source: undefined })))).code).toBe(
      'ValidationException',
    );
  });

  it('for one source that is no partner source name', async () => {
    expect((await refusal(put(entry(), entry({ Source: 'orders' })))).message).toContain(
      "at 'entries.2.member.source'",
    );
  });

  it('above 256 KB, counted as AWS counts: UTF-8 bytes of the texts and 14 for a time', async () => {
    const fixed = Buffer.byteLength(`${SOURCE}ä{"":""}arn`) + 14;
    const filled = (length: number) =>
      entry({ DetailType: 'ä', Detail: JSON.stringify({ '': 'x'.repeat(length) }), Resources: ['arn'], Time: 1 });
    const room = 256 * 1024 - fixed;
    expect(await put(filled(room))).toMatchObject({ FailedEntryCount: 0 });
    expect(await refusal(put(filled(room + 1)))).toMatchObject({
      code: 'ValidationException',
      message: 'Total size of the entries in the request is over the limit.',
    });
    expect((await refusal(put(filled(room / 2), filled(room / 2)))).code).toBe('ValidationException');
  });

  it('above another ceiling, if one is configured', async () => {
    const small = setUp({ limits: { partnerBytes: 10 } });
    expect((await refusal(small.partner('PutPartnerEvents', { Entries: [entry()] }))).code).toBe('ValidationException');
  });
});

it('takes 20 entries of different sources and answers in their order', async () => {
  const names = Array.from({ length: 20 }, (_, index) => `aws.partner/example.com/many_${index}`);
  for (const name of names.slice(0, 19)) await createSource(cloud, name);
  expect(await put(...names.map((Source) => entry({ Source })))).toEqual({
    FailedEntryCount: 1,
    Entries: [
      ...Array.from({ length: 19 }, () => ({ EventId: expect.stringMatching(/^[\da-f-]{36}$/) })),
      expect.objectContaining({ ErrorCode: SOURCE_GONE_CODE }),
    ],
  });
});

describe('injected faults', () => {
  const throttled = new AwsError('ThrottlingException', 'Rate exceeded');

  it('fail a whole call as often as asked, in the Region asked for', async () => {
    cloud.cloud.faults.injectFault({ operation: 'PutPartnerEvents', region: 'eu-west-1', times: 2, error: throttled });
    expect(
      await cloud.cloud.handle('PutPartnerEvents', { Entries: [entry()] }, { ...PARTNER, region: 'us-east-1' }),
    ).toBeDefined();
    expect(await refusal(put(entry()))).toBe(throttled);
    expect(await refusal(put(entry()))).toBe(throttled);
    expect(await put(entry())).toMatchObject({ FailedEntryCount: 0 });
  });

  it('last until they are removed where no number is given', async () => {
    const remove = cloud.cloud.faults.injectFault({ operation: 'PutPartnerEvents', error: throttled });
    for (let call = 0; call < 5; call += 1) expect(await refusal(put(entry()))).toBe(throttled);
    expect(await cloud.customer('ListEventSources')).toBeDefined();
    remove();
    expect(await put(entry())).toMatchObject({ FailedEntryCount: 0 });
  });

  it('fail the entries they match, and only those', async () => {
    const fault = { code: 'InternalFailure', message: 'Internal Service Error', times: 1 };
    cloud.cloud.faults.injectEntryFault({ ...fault, match: ({ Detail }) => Detail === '{"n":2}' });
    const entries = [1, 2, 2].map((n) => entry({ Detail: JSON.stringify({ n }) }));
    expect(await put(...entries)).toEqual({
      FailedEntryCount: 1,
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: fault.code, ErrorMessage: fault.message },
        { EventId: expect.any(String) },
      ],
    });
    await cloud.clock.settled();
    expect(cloud.delivered).toHaveLength(2);
  });

  it('are all gone after clear', async () => {
    cloud.cloud.faults.injectFault({ operation: 'PutPartnerEvents', error: throttled });
    cloud.cloud.faults.injectEntryFault({ match: () => true, code: 'x', message: 'y' });
    cloud.cloud.faults.clear();
    expect(await put(entry())).toMatchObject({ FailedEntryCount: 0 });
  });

  it('count as calls', async () => {
    cloud.cloud.faults.injectFault({ operation: 'PutPartnerEvents', times: 1, error: throttled });
    await refusal(put(entry()));
    await put(entry());
    expect(cloud.cloud.counts.get('PutPartnerEvents')).toBe(2);
  });
});
