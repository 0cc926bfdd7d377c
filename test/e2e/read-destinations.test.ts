import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccount } from '../support/accounts.ts';
import { invalidFields } from '../support/invalid-fields.ts';
import { createDestination } from '../support/main-job.ts';
import { type Platform, type RequestOptions, startPlatform } from '../support/platform.ts';

const PATH = '/v2/core/event_destinations';
const ULID = '01M7YRRT80CJT0FQBW1HRB5VWV';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.close());

const retrieve = (id: string, options: RequestOptions = {}) => platform.request('GET', `${PATH}/${id}`, options);
const created = async (): Promise<string> => (await createDestination(platform)).id;

describe('a destination is not found', () => {
  const notFound = (id: string) => ({
    status: 404,
    body: {
      error: {
        code: 'not_found',
        message: `No such event destination: '${id}'. It may belong to another account or mode.`,
        type: 'invalid_request_error',
      },
    },
  });

  it.each([
    ['by an unknown id', `ed_test_${ULID}`],
    ["by an id of live mode's form", `ed_${ULID}`],
    ['by an event id', `evt_test_${ULID}`],
    ['by anything else', 'nonsense'],
  ])('%s', async (_, id) => {
    expect(await retrieve(id)).toMatchObject(notFound(id));
    expect(await platform.request('DELETE', `${PATH}/${id}`)).toMatchObject(notFound(id));
  });

  it('by another account, which cannot delete it either', async () => {
    const id = await created();
    const { key } = await createAccount(platform);
    expect(await retrieve(id, { key })).toMatchObject(notFound(id));
    expect(await platform.request('DELETE', `${PATH}/${id}`, { key })).toMatchObject(notFound(id));
    expect((await retrieve(id)).status).toBe(200);
  });

  it('by a key of the other mode', async () => {
    const id = await created();
    expect(await retrieve(id, { key: platform.seed.live_key })).toMatchObject(notFound(id));
  });

  it('once it is deleted, and deleting it again fails', async () => {
    const id = await created();
    expect((await platform.request('DELETE', `${PATH}/${id}`)).status).toBe(200);
    expect(await retrieve(id)).toMatchObject(notFound(id));
    expect(await platform.request('DELETE', `${PATH}/${id}`)).toMatchObject(notFound(id));
    const { body } = await platform.request('GET', `${PATH}?limit=100`);
    expect(body.data.map((one: { id: string }) => one.id)).not.toContain(id);
  });
});

describe('the query of a read', () => {
  const included = 'webhook_endpoint.url';
  let id: string;
  beforeAll(async () => {
    id = await created();
  });

  it.each([
    `include=${included}`,
    `include=${included}&include=${included}`,
    `include[]=${included}`,
    `include[0]=${included}&include[1]=${included}`,
    `include%5B0%5D=${included}`,
  ])('may name fields to include as %s', async (query) => {
    expect((await retrieve(`${id}?${query}`)).status).toBe(200);
    expect((await platform.request('GET', `${PATH}?${query}`)).status).toBe(200);
  });

  it.each([
    ['include=everything', 'include[0]', 'everything'],
    [`include[0]=${included}&include[1]=x`, 'include[1]', 'x'],
    ['include[]=webhook_endpoint.signing_secret', 'include[0]', 'webhook_endpoint.signing_secret'],
  ])('is refused for what cannot be included: %s', async (query, field, value) => {
    const problem = `${field}: Unrecognized enum value '${value}', valid values are: webhook_endpoint.url.`;
    expect(await retrieve(`${id}?${query}`)).toMatchObject(invalidFields(problem));
    expect(await platform.request('GET', `${PATH}?${query}`)).toMatchObject(invalidFields(problem));
  });

  it('is told what to look at when API Gateway cannot read the path', async () => {
    expect(await retrieve('ed_test_%zz')).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_request', message: expect.stringContaining('check its URL and its headers') } },
    });
  });

  it.each([
    ['starting_after=ed_test_1', 'starting_after'],
    ['limit=1&colour=red', 'colour'],
  ])('is refused for a parameter that there is not: %s', async (query, field) => {
    const problem = `${field}: Unknown field.`;
    expect(await platform.request('GET', `${PATH}?${query}`)).toMatchObject(invalidFields(problem));
    expect(await retrieve(`${id}?${field}=1`)).toMatchObject(invalidFields(problem));
  });

  it.each(['0', '101', '-1', '1.5', '1e1', 'ten', ''])('is refused for the limit %j', async (limit) => {
    const problem = 'limit: Must be a whole number from 1 to 100.';
    expect(await platform.request('GET', `${PATH}?limit=${limit}`)).toMatchObject(invalidFields(problem));
  });

  it.each(['', 'abc', '%00', 'eyJpZCI6ImVkXzEifQ', '2'])('is refused for the page %j', async (page) => {
    const problem = 'page: Must be the token of a next_page_url or previous_page_url, unchanged.';
    expect(await platform.request('GET', `${PATH}?page=${page}`)).toMatchObject(invalidFields(problem));
  });
});
