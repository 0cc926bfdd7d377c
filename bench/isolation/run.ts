import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { type Publication, queueDoor } from '../../test/support/queue-door.ts';
import { type Load, LoadMeter } from './load.ts';
import type { ReceiverMessage } from './receiver.ts';
import { createDestinations, type Target } from './setup.ts';

export interface RunOptions {
  readonly cdkOut: string;
  /** Percent of the destinations that hang. */
  readonly share: number;
  readonly seconds: number;
  /** Events a second. */
  readonly rate: number;
  readonly timeoutSeconds: number;
  readonly sandboxes: number;
}

/** One event to a healthy destination. */
export interface Sample {
  /** Since the run began, ms. */
  readonly sentAt: number;
  /** From accepted to arrived, ms; undefined if it did not arrive. */
  readonly latency: number | undefined;
}

export interface Run {
  readonly samples: readonly Sample[];
  readonly load: { readonly first: Load; readonly steady: Load };
}

/** By then the steady state has begun. */
export const FIRST_MINUTE_MS = 60_000;
const SENDS_PER_SECOND = 10;
/** What is under way when the last event is sent has so long to arrive. */
const STRAGGLERS_MS = 30_000;
/** What starts the sandboxes is waited for longer: the run must not begin behind it. */
const BURST_MS = 180_000;

const now = () => performance.timeOrigin + performance.now();

/**
 * Sends events at the rate to all destinations in turn, and has a share of them hang from the beginning on; what became of the
 * healthy ones' events. Before it begins all are well, and a burst starts the sandboxes: on AWS, a start takes no processor from
 * those that run.
 */
export async function run(options: RunOptions): Promise<Run> {
  const receiver = new Worker(new URL('./receiver.ts', import.meta.url));
  const functionEnvironment = { WEBHOOK_TIMEOUT_SECONDS: String(options.timeoutSeconds) };
  const cloud = await startCloud({ cdkOut: options.cdkOut, sandboxes: options.sandboxes, functionEnvironment });
  try {
    const arrived = new Map<string, number>();
    const port = await listening(receiver, (id, at) => arrived.set(id, Math.min(at, arrived.get(id) ?? at)));
    const targets = await createDestinations(cloud, `http://127.0.0.1:${port}`, options.share);
    await allArrived(await burst(cloud, targets, options), arrived, BURST_MS);
    receiver.postMessage('hang');
    const begun = now();
    const { accepted, load } = await send(cloud, targets, options);
    await allArrived(accepted, arrived, STRAGGLERS_MS);
    const samples = [...accepted].map(([id, at]) => {
      const arrival = arrived.get(id);
      return { sentAt: at - begun, latency: arrival === undefined ? undefined : arrival - at };
    });
    return { samples, load };
  } finally {
    await cloud.close();
    await receiver.terminate();
  }
}

function listening(receiver: Worker, onArrival: (id: string, at: number) => void): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  receiver.on('error', reject);
  receiver.on('message', (message: ReceiverMessage) => {
    if ('port' in message) resolve(message.port);
    else for (const [id, at] of message.arrived) onArrival(id, at);
  });
  return promise;
}

/** Twice as many at once as the sandboxes take in a batch each. */
async function burst(
  cloud: Cloud,
  targets: readonly Target[],
  { sandboxes }: RunOptions,
): Promise<Map<string, number>> {
  const publish = queueDoor(cloud);
  const accepted = new Map<string, number>();
  for (let sent = 0; sent < 20 * sandboxes; sent += 10) {
    const ids = Array.from({ length: 10 }, (_, index) => `warm_${sent + index}`);
    await publish(ids.map((id, index) => publication(id, targets[(sent + index) % targets.length])));
    for (const id of ids) accepted.set(id, now());
  }
  return accepted;
}

/**
 * By the events queue, ten times a second, for so many seconds. What could not be sent when it was its time is not sent
 * later: a producer that catches up sends at more than the rate, and the steady state would be none. When each of the healthy
 * destinations' events was accepted.
 */
async function send(cloud: Cloud, targets: readonly Target[], { seconds, rate }: RunOptions) {
  const publish = queueDoor(cloud);
  const accepted = new Map<string, number>();
  const meter = new LoadMeter();
  const perSend = rate / SENDS_PER_SECOND;
  const begun = now();
  const elapsed = () => now() - begun;
  let sent = 0;
  let first: Load | undefined;
  for (let tick = 0; tick < seconds * SENDS_PER_SECOND; tick = Math.max(tick + 1, tickAt(elapsed()))) {
    await sleep(Math.max(0, (tick * 1000) / SENDS_PER_SECOND - elapsed()));
    if (elapsed() >= FIRST_MINUTE_MS) first ??= meter.take();
    const batch = Array.from({ length: perSend }, (_, index) => ({ id: `obj_${sent + index}`, index: sent + index }));
    await publish(batch.map(({ id, index }) => publication(id, targets[index % targets.length])));
    for (const { id, index } of batch) if (!targets[index % targets.length]?.hangs) accepted.set(id, now());
    meter.sent(perSend);
    sent += perSend;
  }
  const steady = meter.take();
  return { accepted, load: { first: first ?? steady, steady } };
}

const tickAt = (elapsedMs: number): number => Math.floor((elapsedMs * SENDS_PER_SECOND) / 1000);

function publication(id: string, target: Target | undefined): Publication {
  const { account, type } = target ?? { account: '', type: '' };
  return {
    id,
    time: new Date().toISOString(),
    'detail-type': type,
    detail: { account, livemode: false, data: { object: { id, text: 'x'.repeat(1500) } } },
  };
}

async function allArrived(
  accepted: ReadonlyMap<string, number>,
  arrived: ReadonlyMap<string, number>,
  withinMs: number,
): Promise<void> {
  const until = now() + withinMs;
  while (now() < until && [...accepted.keys()].some((id) => !arrived.has(id))) await sleep(1000);
}
