import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Stripe from 'stripe';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AwsError } from '../../local/aws-error.ts';
import { newId } from '../../shared/ids.ts';
import { failCalls, holdNext } from '../support/hold.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

/**
 * Time-outs are real time, even under a frozen clock. So the templates are the project's own but for two: the API
 * function may take two seconds, and the gateway waits half a second for `GET /v1/events/{id}`, the one route on which
 * it is to lose patience before the function does.
 */
const FUNCTION_TIMEOUT_S = 2;
const GATEWAY_TIMEOUT_MS = 500;

let platform: Platform;
let cdkOut: string;
let apiFunction: string;
/** An event that nobody has. */
let slowEvent: string;
beforeAll(async () => {
  cdkOut = patchedTemplates();
  platform = await startPlatform({ cdkOut });
  apiFunction = [...platform.cloud.lambda.counts.keys()].find((name) => name.includes('-api-Api')) ?? '';
  slowEvent = newId('evt', false, platform.cloud.clock.now());
});
afterEach(() => {
  platform.cloud.lambda.beforeInvoke = undefined;
});
afterAll(async () => {
  await platform?.close();
  rmSync(cdkOut, { recursive: true, force: true });
});

interface Failure {
  readonly status: number | readonly number[];
  readonly type: string;
  readonly errorClass: new (...args: never[]) => Stripe.errors.StripeError;
  /** What the SDK asks for; by default it creates a destination. */
  readonly call?: (stripe: Stripe) => Promise<unknown>;
  /** Runs the call so that it fails. */
  readonly provoke?: (call: () => Promise<Failed>) => Promise<Failed>;
}

const ours = { type: 'api_error', errorClass: Stripe.errors.StripeAPIError };
/** The SDK has no class of its own for 405 and 413. */
const refused = { type: 'invalid_request_error', errorClass: Stripe.errors.StripeAPIError };
const theirs = { type: 'invalid_request_error', errorClass: Stripe.errors.StripeInvalidRequestError };

const failures: Record<string, Failure> = {
  'a function that crashes in the middle of a request': {
    status: 502,
    ...ours,
    provoke: (call) => whileHeld(call, () => platform.cloud.lambda.kill(apiFunction)),
  },
  'a function that takes longer than it may': {
    // Five milliseconds before Lambda ends it, the function says so itself, if it gets to it.
    status: [500, 502],
    ...ours,
    provoke: (call) => whileHeld(call),
  },
  'a function that takes longer than the gateway waits': {
    status: 504,
    ...ours,
    call: (stripe) => stripe.events.retrieve(slowEvent),
    // The function before it may go on with what it did when it gave up.
    provoke: (call) => whileHeld(call, undefined, slowEvent),
  },
  'a function that Lambda throttles': {
    status: 500,
    ...ours,
    provoke: (call) => {
      refuseInvocations();
      return call();
    },
  },
  'a part of AWS that refuses the function': {
    status: 500,
    ...ours,
    provoke: async (call) => {
      const secret = 'arn:aws:iam::000000000000:role/api is not authorized to read event-destinations-dev-registry';
      const heal = failCalls(platform.cloud.dynamodb, 'GetItem', new AwsError('AccessDeniedException', secret));
      const outcome = await call();
      heal();
      return outcome;
    },
  },
  'more requests than the stage lets through': {
    status: 429,
    type: 'rate_limit_error',
    errorClass: Stripe.errors.StripeRateLimitError,
    call: (stripe) => stripe.v2.core.eventDestinations.retrieve('ed_test_throttled'),
    provoke: async (call) => {
      await useUpBurst('/v2/core/event_destinations/ed_test_throttled');
      return call();
    },
  },
  'an unknown route': {
    status: 404,
    ...theirs,
    call: (stripe) => stripe.rawRequest('GET', '/v2/core/event_destination'),
  },
  'the root': {
    status: 404,
    ...theirs,
    call: (stripe) => stripe.rawRequest('GET', '/'),
  },
  'a known route with a method that it does not have': {
    status: 405,
    ...refused,
    call: (stripe) => stripe.rawRequest('DELETE', '/v2/core/event_destinations'),
  },
  'a path that cannot be decoded': {
    status: 400,
    ...theirs,
    call: (stripe) => stripe.rawRequest('GET', '/v2/core/event_destinations/%zz'),
  },
  'a body over 10 MB, which is more than the gateway takes': {
    status: 413,
    ...refused,
    call: (stripe) => create(stripe, 'x'.repeat(10 * 1024 * 1024)),
  },
};

describe('what fails before, in or behind the API function is an error of the SDK', () => {
  it.each(Object.keys(failures))('%s', async (name) => {
    const { status, type, errorClass, call = create, provoke = (attempt) => attempt() } = failures[name] as Failure;

    const { error, answer } = await provoke(() => failed(call));

    expect(error).toBeInstanceOf(errorClass);
    expect([status].flat()).toContain(error.statusCode);
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers['request-id']).toBe(error.requestId);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/);
    expect(JSON.parse(answer.text)).toEqual({
      error: { type, code: expect.stringMatching(/^[a-z_]+$/), message: expect.stringMatching(/^[A-Z].+\.$/) },
    });
    expect(`${answer.text} ${Object.values(answer.headers)}`).not.toMatch(INTERNALS);
  });
});

describe('after a failure', () => {
  it('of the function the next request is served', async () => {
    await whileHeld(
      () => failed(create),
      () => platform.cloud.lambda.kill(apiFunction),
    );
    expect((await platform.request('GET', '/v2/core/event_destinations')).status).toBe(200);
  });

  it('for too many requests a second of patience is enough', async () => {
    const path = '/v2/core/events/evt_test_throttled/deliveries';
    await useUpBurst(path);
    const refused = await platform.request('GET', path);
    await platform.cloud.clock.advance(1000);
    const admitted = await platform.request('GET', path);
    expect([refused.status, admitted.status]).toEqual([429, 404]);
  });
});

/** Names of AWS's parts, of ours, and what runtimes say when they fail. */
const INTERNALS =
  /arn:|lambda|dynamodb|integration|runtime\.|task timed out|exit|stack|index\.js|event-destinations-dev/i;

interface Failed {
  readonly error: Stripe.errors.StripeError;
  readonly answer: { readonly headers: Record<string, string>; readonly text: string };
}

const create = (stripe: Stripe, description = '') =>
  stripe.v2.core.eventDestinations.create({
    name: 'Never made',
    description,
    type: 'amazon_eventbridge',
    event_payload: 'snapshot',
    enabled_events: ['*'],
    amazon_eventbridge: { aws_account_id: platform.seed.customer_account_id, aws_region: 'us-east-1' },
  });

/** What the SDK made of the answer, and the answer itself. */
async function failed(call: (stripe: Stripe) => Promise<unknown>): Promise<Failed> {
  let answer: Promise<Failed['answer']> | undefined;
  const listening: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const headers = Object.fromEntries(response.headers);
    answer = response
      .clone()
      .text()
      .then((text) => ({ headers, text }));
    return response;
  };
  const stripe = platform.stripe(undefined, { httpClient: Stripe.createFetchHttpClient(listening) });
  const error = await call(stripe).then(
    (value) => expect.fail(`resolved with ${JSON.stringify(value)}`),
    (reason: Stripe.errors.StripeError) => reason,
  );
  return { error, answer: (await answer) ?? expect.fail('there was no answer') };
}

/** Makes the call, and holds the function at its first read of a table, or of an item, until the call is over. */
async function whileHeld(call: () => Promise<Failed>, meanwhile: () => Promise<void> = async () => {}, of = '') {
  const held = holdNext(platform.cloud.dynamodb, 'GetItem', of);
  const calling = call();
  await held.reached;
  await meanwhile();
  const outcome = await calling;
  held.release();
  await platform.cloud.clock.settled();
  return outcome;
}

/** Lambda itself says no: nothing is run. */
function refuseInvocations(): void {
  platform.cloud.lambda.beforeInvoke = () => {
    throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
  };
}

/** Time stands still, so the method's bucket is not refilled. What its requests are answered does not matter. */
async function useUpBurst(path: string): Promise<void> {
  refuseInvocations();
  let left = burstLimit();
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await platform.request('GET', path);
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  platform.cloud.lambda.beforeInvoke = undefined;
}

interface Template {
  readonly Resources: Record<string, { Type: string; Properties: Record<string, object> }>;
}

const apiTemplate = (folder: string) => join(folder, 'event-destinations-dev-api.template.json');
const readTemplate = (folder: string): Template => JSON.parse(readFileSync(apiTemplate(folder), 'utf8'));

function burstLimit(): number {
  const stage = Object.values(readTemplate(cdkOut).Resources).find(({ Type }) => Type === 'AWS::ApiGateway::Stage');
  const [setting] = (stage?.Properties.MethodSettings ?? []) as { ThrottlingBurstLimit: number }[];
  return setting?.ThrottlingBurstLimit ?? 0;
}

/** A copy of cdk.out with shorter time-outs. The bundles are the very same. */
function patchedTemplates(): string {
  const original = resolve('cdk.out');
  const copy = mkdtempSync(join(tmpdir(), 'cdk-out-'));
  for (const { name } of readdirSync(original, { withFileTypes: true })) {
    if (name.startsWith('asset.')) symlinkSync(join(original, name), join(copy, name));
    else cpSync(join(original, name), join(copy, name), { recursive: true });
  }
  const template = readTemplate(copy);
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::Lambda::Function') Object.assign(Properties, { Timeout: FUNCTION_TIMEOUT_S });
    if (/^RestApiv1eventsidGET/.test(id))
      Object.assign(Properties.Integration ?? {}, { TimeoutInMillis: GATEWAY_TIMEOUT_MS });
  }
  writeFileSync(apiTemplate(copy), JSON.stringify(template));
  return copy;
}
