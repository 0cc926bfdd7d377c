import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createActiveDestination, deliveriesOf } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { answer, createWebhook, type Receiver, startReceiver } from '../support/receiver.ts';

const SECOND = 1000;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE}-00f067aa0ba902b7-01`;
/** Of an event's payload: to be found at its destinations and nowhere else. */
const SECRET_OF_EVENT = 'jenny.rosen@example.com';

type Line = Record<string, unknown>;

let platform: Platform;
let receiver: Receiver;
const written: string[] = [];
beforeAll(async () => {
  platform = await startPlatform({
    functionEnvironment: { SUCCESS_LOG_SHARE: '1', TRACEPARENT_IN_EVENTS: 'on' },
    functionLog: ({ line }) => written.push(line),
  });
});
afterAll(() => platform.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

/** The lines with that message so far. */
const lines = (message: string): Line[] =>
  written
    .filter((line) => line.startsWith('{'))
    .flatMap((line) => [JSON.parse(line)].filter((one) => one.message === message));

async function publish(type: string, headers: Record<string, string> = {}): Promise<string> {
  const data = { object: { id: 'cus_1', email: SECRET_OF_EVENT } };
  const request = { key: platform.seed.publish_key, body: { type, data }, headers };
  const { status, body } = await platform.request('POST', '/v1/events', request);
  expect(status).toBe(200);
  return body.id;
}

const tracesOf = ({ requests }: Receiver) => requests.map(({ headers }) => String(headers.traceparent));

describe('the trace of an event', () => {
  it('is its publisher’s at every attempt, each a span of its own, also after the event was read again', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['trace.given'] });
    const { collector } = await createActiveDestination(platform, { enabled_events: ['trace.given'] });
    receiver.answering = answer(503);
    const event = await publish('trace.given', { traceparent: TRACEPARENT });
    await platform.cloud.clock.advance(2 * SECOND);
    receiver.answering = answer(200);
    const due = (await deliveriesOf(platform, event)).find(({ event_destination }) => event_destination === hook.id);
    await platform.skip(Date.parse(due?.next_attempt ?? '') - platform.cloud.clock.now() + SECOND);
    const attempts = [...tracesOf(receiver), ...(await collector.received()).map(({ detail }) => detail.traceparent)];
    expect(attempts).toHaveLength(3);
    for (const one of attempts) expect(one).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(new Set([TRACEPARENT, ...attempts]).size).toBe(4);
    const traced = ['A delivery attempt failed', 'A delivery attempt succeeded'].flatMap(lines);
    expect(traced.filter(({ trace_id }) => trace_id === TRACE)).toHaveLength(3);
    await platform.stripe().v2.core.eventDestinations.del(hook.id);
  });

  it('begins with the event where its publisher names none that is valid, and is one for all destinations', async () => {
    const hooks = [
      await createWebhook(platform, receiver.url, { enabled_events: ['trace.made'] }),
      await createWebhook(platform, receiver.url, { enabled_events: ['trace.made'] }),
    ];
    await publish('trace.made', { traceparent: '00-nonsense' });
    await platform.cloud.clock.advance(2 * SECOND);
    const traces = tracesOf(receiver);
    expect(traces).toHaveLength(2);
    for (const one of traces) expect(one).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/);
    expect(new Set(traces.map((one) => one.split('-')[1])).size).toBe(1);
    for (const { id } of hooks) await platform.stripe().v2.core.eventDestinations.del(id);
  });
});

describe('the functions’ log lines', () => {
  it('say of each attempt, and of each request, what whoever is on call asks, and nothing of payloads or secrets', async () => {
    const hook = await createWebhook(platform, receiver.url, { enabled_events: ['line.written'] });
    receiver.answering = ({ body }, response) => response.writeHead(500).end(body);
    const event = await publish('line.written');
    await platform.cloud.clock.advance(2 * SECOND);
    expect(receiver.requests[0]?.body).toContain(SECRET_OF_EVENT);
    expect(lines('A delivery attempt failed').filter((line) => line.event === event)).toEqual([
      expect.objectContaining({
        ...{ event_type: 'line.written', destination: hook.id, account: platform.seed.account, livemode: false },
        ...{ attempt: 1, code: 'HTTP 500', http_status: 500, status: 'pending' },
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        next_attempt: expect.stringMatching(/^2026-/),
      }),
    ]);

    const { headers } = await platform.request('GET', `/v2/core/event_destinations/ed_test_unknown?include=x`);
    const ofRequest = (requestId: string | null) =>
      lines('A request was answered').filter(({ request_id }) => request_id === requestId);
    expect(ofRequest(headers.get('request-id'))).toEqual([
      expect.objectContaining({
        ...{ route: 'GET /v2/core/event_destinations/{id}', status: 400, code: 'invalid_fields' },
        ...{ account: platform.seed.account, livemode: false, key: expect.stringMatching(/^mk_/) },
        duration_ms: expect.any(Number),
      }),
    ]);
    const stranger = await platform.request('GET', '/v1/nonsense', { key: 'sk_test_of_a_stranger' });
    expect(ofRequest(stranger.headers.get('request-id'))).toMatchObject([{ status: 404, code: 'not_found' }]);

    // Of what succeeds and publishes only a share has a line: here all.
    expect(lines('A request was answered')).toContainEqual(
      expect.objectContaining({ route: 'POST /v1/events', status: 200, key: expect.stringMatching(/^mk_/) }),
    );

    const everything = written.join('\n');
    const { test_key, publish_key } = platform.seed;
    for (const secret of [SECRET_OF_EVENT, hook.secret, test_key, publish_key, 'sk_test_of_a_stranger'])
      expect(everything).not.toContain(secret);
    await platform.stripe().v2.core.eventDestinations.del(hook.id);
  });
});
