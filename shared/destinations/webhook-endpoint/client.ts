import { request as httpRequest } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import type { PrivateTargets } from './addresses.ts';
import { type Agents, KEPT, keeping, singleUse } from './agents.ts';
import { type Answer, headOf, readAnswer } from './answer.ts';
import { type Failure, failureOf, isStale, type Stage, StagedError, TimedOut } from './failure.ts';
import { guardedLookup, RefusedTarget, type Resolve, resolveByDns } from './lookup.ts';
import { hostOf, portOf, targetProblem } from './target.ts';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Result = (Answer | Failure) & { readonly durationMs: number };

export interface ClientOptions {
  readonly allowed: PrivateTargets;
  readonly resolve?: Resolve;
  /** In all. */
  readonly totalMs?: number;
  /** Of it, until there is a connection: its name looked up, its TLS agreed upon. */
  readonly connectMs?: number;
  /** After that a kept connection is closed. */
  readonly idleMs?: number;
  /** Certificate authorities instead of node's own, PEM. */
  readonly ca?: string;
}

export type Client = (request: WebhookRequest) => Promise<Result>;

const LIMITS = { totalMs: 10_000, connectMs: 5_000 } as const;

/**
 * A name's addresses are tried one after the other, all but the last for so long; node's own 250 ms are less than a distant
 * receiver takes. A first packet that was lost is sent again after a second, and then has 500 ms for its way there and back.
 * So three addresses have such a try within the time for a connection, and the last one, the only one most often, has all
 * that is left of it.
 */
const ADDRESS_MS = 1500;

/**
 * A client that posts to URLs which anybody may have written. Its agents are its own: they know of no proxy variable, and
 * keep connections alive from one invocation to the next. A redirect is an answer like any other, and is not followed.
 */
export function createClient(options: ClientOptions): Client {
  const { allowed, resolve = resolveByDns, ca } = options;
  const { totalMs = LIMITS.totalMs, connectMs = LIMITS.connectMs, idleMs = KEPT.idleMs } = options;
  const lookup = guardedLookup(resolve, allowed);
  const kept = keeping(idleMs);
  const single = singleUse();

  return async ({ url: text, headers, body }) => {
    const startedAt = performance.now();
    const url = new URL(text);
    const secure = url.protocol === 'https:';
    const connection = { lookup, autoSelectFamilyAttemptTimeout: ADDRESS_MS, minVersion: 'TLSv1.2' } as const;
    const target = { ...addressed(url), headers, ...connection, ...(ca && { ca }) };
    const limits = { totalAt: startedAt + totalMs, connectAt: startedAt + Math.min(connectMs, totalMs) };
    const send = (agent: Agents) => exchange({ ...target, agent: secure ? agent.https : agent.http }, body, limits);
    const settled = await sendOnce(url, allowed, send, { kept, single, until: limits.connectAt }).catch(failureOf);
    return { ...settled, durationMs: Math.round(performance.now() - startedAt) };
  };
}

interface Ways {
  readonly kept: Agents;
  readonly single: Agents;
  /** By `performance.now()`: there is no time for another connection after it. */
  readonly until: number;
}

/**
 * A literal address is checked here, because no look-up is made for one. A connection that the receiver closed while it was
 * idle fails as it is used again, which says nothing about the receiver: then it is once more, on a new one. It fails at
 * once; one that breaks later was not idle, and that is the receiver's to hear of.
 */
async function sendOnce(
  url: URL,
  allowed: PrivateTargets,
  send: (agents: Agents) => Promise<Answer>,
  { kept, single, until }: Ways,
): Promise<Answer> {
  const problem = targetProblem(url, allowed);
  if (problem) throw new RefusedTarget(problem);
  try {
    return await send(kept);
  } catch (error) {
    if (!isStale(error) || performance.now() > until) throw error;
    return send(single);
  }
}

const addressed = (url: URL) => ({
  protocol: url.protocol,
  hostname: hostOf(url),
  port: portOf(url),
  path: url.pathname + url.search,
  method: 'POST',
});

interface Deadlines {
  /** By `performance.now()`. */
  readonly totalAt: number;
  readonly connectAt: number;
}

/**
 * One request and its answer. Throws a StagedError, which says how far it came. Whatever the other side does, it ends: by the
 * answer's head, which counts from then on; by an error; with the connection; or by the total time-out.
 */
function exchange(options: RequestOptions, body: string, { totalAt, connectAt }: Deadlines): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const secure = options.protocol === 'https:';
  const request = secure ? httpsRequest(options) : httpRequest(options);
  let stage: Stage = 'connecting';
  const giveUp = (what: string, at: number) =>
    setTimeout(() => request.destroy(new TimedOut(what)), Math.max(0, at - performance.now()));
  const connecting = giveUp('There was no connection in time.', connectAt);
  const total = giveUp('There was no answer in time.', totalAt);
  const connected = () => {
    stage = 'waiting';
    clearTimeout(connecting);
  };
  request.once('socket', (socket) => {
    if (request.reusedSocket) return connected();
    socket.once('secureConnect', connected);
    socket.once('connect', () => {
      if (!secure) connected();
      else stage = 'securing';
    });
  });
  const fail = (error: Error) => reject(new StagedError(error, stage, request.reusedSocket));
  request.once('response', (response) => {
    request.off('error', fail).off('close', closed).on('error', ignore);
    clearTimeout(total);
    void readAnswer(response, totalAt).then((answer) => {
      // Who answers without reading the request would keep its connection for as long as he likes.
      if (!request.writableFinished) request.destroy();
      resolve(answer);
    });
  });
  // Nobody asked for another protocol. Without a listener node closes the connection and tells nobody.
  request.once('upgrade', (response, socket) => {
    socket.destroy();
    resolve(headOf(response));
  });
  const closed = () => fail(new Error('The connection was closed without an answer.'));
  request.on('error', fail).once('close', closed);
  request.end(body);
  return promise.finally(() => {
    clearTimeout(connecting);
    clearTimeout(total);
  });
}

/** The answer's head has come, and counts: what breaks off its body is seen by who reads that. */
const ignore = (): void => undefined;
