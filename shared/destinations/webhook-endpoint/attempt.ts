import { renderEvent } from '../../events/render.ts';
import { attemptTraceparent } from '../../events/trace.ts';
import { brandHeaders } from '../../http/brand.ts';
import { SECOND } from '../../time.ts';
import type { WebhookDestination } from '../destination.ts';
import type { AttemptRequest, Outcome } from '../type.ts';
import { privateTargets } from './addresses.ts';
import { type Client, createClient, type Result, type WebhookRequest } from './client.ts';
import { retryAfterAt } from './retry-after.ts';
import { activeSecrets, openedSecret } from './secrets.ts';
import { standardWebhookHeaders, stripeSignature } from './signatures.ts';

type WebhookAttempt = AttemptRequest<WebhookDestination>;

/**
 * A batch's attempts run at once, some at a time for each destination. The first one of a destination that times out says
 * what the rest of it would do, so that they are put off without an attempt; so is what could not begin in time. So a batch
 * takes no longer than `startWithinMs` and one attempt's time-out, which leaves the function a third of its own to record.
 */
const BATCH = { atOncePerDestination: 5, startWithinMs: 10_000 } as const;

/** Stripe's; the brand is not claimed in the name of the agent. */
const HEADERS = {
  'user-agent': 'EventDestinations/1.0',
  'content-type': 'application/json; charset=utf-8',
  accept: '*/*; q=0.5, application/xml',
  'accept-encoding': 'gzip',
  'cache-control': 'no-cache',
} as const;

let client: Client | undefined;

/** One client for all invocations of a sandbox: its connections are kept. */
function ownClient(): Client {
  const totalMs = Number(process.env.WEBHOOK_TIMEOUT_SECONDS ?? 10) * SECOND;
  client ??= createClient({ allowed: privateTargets(), totalMs });
  return client;
}

export async function attempt(requests: readonly WebhookAttempt[]): Promise<Outcome[]> {
  const startUntil = performance.now() + BATCH.startWithinMs;
  const indexed = requests.map((request, index) => ({ request, index }));
  const outcomes: Outcome[] = [];
  await Promise.all(
    [...Map.groupBy(indexed, ({ request }) => request.destination.id).values()].map(async (group) => {
      let hangs = false;
      const next = group.values();
      const lane = async () => {
        for (const { request, index } of next) {
          const outcome = hangs || performance.now() > startUntil ? PUT_OFF : await attemptOne(request, ownClient());
          if (outcome.kind === 'failed' && outcome.timedOut) hangs = true;
          outcomes[index] = outcome;
        }
      };
      await Promise.all(Array.from({ length: BATCH.atOncePerDestination }, lane));
    }),
  );
  return outcomes;
}

const PUT_OFF: Outcome = { kind: 'put_off' };

async function attemptOne(attempt: WebhookAttempt, post: Client): Promise<Outcome> {
  let request: WebhookRequest;
  let code = 'RenderingFailed';
  try {
    const body = renderedBody(attempt);
    // The secrets are opened with KMS: that it refuses or is throttled says nothing about the destination.
    code = 'SigningFailed';
    request = await signedRequest(attempt, body, Date.now());
  } catch (error) {
    return { kind: 'ours', code, message: String(error) };
  }
  return outcomeOf(await post(request), Date.now());
}

/** In compact JSON. */
function renderedBody({ destination, event, pendingWebhooks }: WebhookAttempt): string {
  const { account, snapshot_api_version: version } = destination;
  return JSON.stringify(renderEvent(event, { for: account, fetched: false, version, pendingWebhooks }));
}

/** Signed for this attempt. */
async function signedRequest(
  { destination, event }: WebhookAttempt,
  body: string,
  now: number,
): Promise<WebhookRequest> {
  const active = activeSecrets(destination, now);
  const secrets = await Promise.all(active.map((secret) => openedSecret(secret, destination.id)));
  const signed = { id: event.id, body, now, secrets };
  const signatures = { [brandHeaders.signature]: stripeSignature(signed), ...standardWebhookHeaders(signed) };
  const headers = { ...HEADERS, ...signatures, traceparent: attemptTraceparent(event) };
  return { url: destination.webhook_endpoint.url, headers, body };
}

/** 2xx is success and everything else a failure: a redirect as well, and 410, after which Stripe goes on as after any other. */
function outcomeOf(result: Result, now: number): Outcome {
  const { durationMs } = result;
  if ('ours' in result) return { kind: 'ours', code: result.ours, message: result.detail };
  if ('failure' in result) {
    const { failure: reason, detail: message } = result;
    return { kind: 'failed', reason, message, durationMs, ...(reason === 'Timed out' && { timedOut: true }) };
  }
  const { status, excerpt } = result;
  if (status >= 200 && status < 300) return { kind: 'succeeded', durationMs, httpStatus: status };
  const retryAfter = retryAfterAt(result.retryAfter, now);
  return {
    kind: 'failed',
    reason: `HTTP ${status}`,
    httpStatus: status,
    message: excerpt,
    durationMs,
    ...(retryAfter !== undefined && { retryAfter }),
  };
}
