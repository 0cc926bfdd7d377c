import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { type Publication, queueDoor } from '../../test/support/queue-door.ts';
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

const SENDS_PER_SECOND = 10;
/** What is under way when the last event is sent has so long to arrive. */
const STRAGGLERS_MS = 30_000;

const now = () => performance.timeOrigin + performance.now();

/** Sends events at the rate to all destinations in turn, while a share of them hangs; what became of the healthy ones' events. */
export async function run(options: RunOptions): Promise<Sample[]> {
  const receiver = new Worker(new URL('./receiver.ts', import.meta.url));
  const functionEnvironment = { WEBHOOK_TIMEOUT_SECONDS: String(options.timeoutSeconds) };
  const cloud = await startCloud({ cdkOut: options.cdkOut, sandboxes: options.sandboxes, functionEnvironment });
  try {
    const arrived = new Map<string, number>();
    const port = await listening(receiver, (id, at) => arrived.set(id, Math.min(at, arrived.get(id) ?? at)));
    const targets = await createDestinations(cloud, `http://127.0.0.1:${port}`, options.share);
    const begun = now();
    const accepted = await send(cloud, targets, options);
    await allArrived(accepted, arrived);
    return [...accepted].map(([id, at]) => {
      const arrival = arrived.get(id);
      return { sentAt: at - begun, latency: arrival === undefined ? undefined : arrival - at };
    });
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

/**
 * By the events queue, ten times a second, for so many seconds: a machine that cannot keep the rate sends fewer. When each of the
 * healthy destinations' events was accepted.
 */
async function send(
  cloud: Cloud,
  targets: readonly Target[],
  { seconds, rate }: RunOptions,
): Promise<Map<string, number>> {
  const publish = queueDoor(cloud);
  const accepted = new Map<string, number>();
  const perSend = rate / SENDS_PER_SECOND;
  const begun = now();
  for (let sent = 0; sent < seconds * rate; sent += perSend) {
    await sleep(Math.max(0, begun + (sent / rate) * 1000 - now()));
    if (now() - begun > seconds * 1000) break;
    const batch = Array.from({ length: perSend }, (_, index) => ({ id: `obj_${sent + index}`, index: sent + index }));
    await publish(batch.map(({ id, index }) => publication(id, targets[index % targets.length])));
    for (const { id, index } of batch) if (!targets[index % targets.length]?.hangs) accepted.set(id, now());
  }
  return accepted;
}

function publication(id: string, target: Target | undefined): Publication {
  const { account, type } = target ?? { account: '', type: '' };
  return {
    id,
    time: new Date().toISOString(),
    'detail-type': type,
    detail: { account, livemode: false, data: { object: { id, text: 'x'.repeat(1500) } } },
  };
}

async function allArrived(accepted: ReadonlyMap<string, number>, arrived: ReadonlyMap<string, number>): Promise<void> {
  const until = now() + STRAGGLERS_MS;
  while (now() < until && [...accepted.keys()].some((id) => !arrived.has(id))) await sleep(1000);
}
