import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { derivedId } from '../../shared/ids.ts';
import { type Collector, Customer } from '../support/platform.ts';
import { Service } from './service.ts';

export interface KillPlan {
  readonly events: number;
  readonly kills: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface Killed {
  /** Of each destination: how many deliveries have which status, and how many events arrived and how often. */
  readonly ledgers: readonly { readonly type: string; readonly statuses: Readonly<Record<string, number>> }[];
  readonly missing: readonly string[];
  readonly arrivals: number;
}

const TYPE = 'simulation.killed';
/** Twice the window of test mode. */
const MOST_HALF_HOURS = 24;
/** One event in so many is refused by the webhook endpoint at its first attempts. */
const REFUSED = { oneIn: 7, attempts: 2 };

/**
 * Publishes events while the whole service is killed again and again, each time at a random moment, and started again on
 * the same folder; then lets it come to rest and looks at both ends: what arrived, and what the ledger says.
 */
export async function killWhilePublishing(plan: KillPlan): Promise<Killed> {
  const data = mkdtempSync(join(tmpdir(), 'event-destinations-kill-'));
  const receiver = new Receiver();
  const service = await Service.start(data);
  try {
    return await run(plan, service, receiver);
  } finally {
    await service.kill();
    receiver.close();
    rmSync(data, { recursive: true, force: true });
  }
}

async function run({ events, kills, seed, log }: KillPlan, service: Service, receiver: Receiver): Promise<Killed> {
  const random = randomFrom(seed);
  const { destinations, collector } = await createDestinations(service, await receiver.listen());
  await service.advance('61s');
  const producer = new Producer(service);
  for (let kill = 0; kill < kills; kill += 1) {
    const until = Math.round((events * (kill + 1)) / kills);
    const killed = sleep(random() * 3000).then(() => service.kill());
    // While time jumps, retries and slots fall due: a kill may come upon them as well.
    const jump = random() < 0.5 ? service.advance(random() < 0.5 ? '6m' : '70m') : undefined;
    await Promise.allSettled([producer.publishUntil(until), jump, killed]);
    await service.boot();
    log(`killed ${kill + 1} of ${kills}, ${producer.sent} of ${events} events published`);
  }
  await producer.publishUntil(events);
  const ledgers = await comeToRest(service, destinations, events);
  const taken = new Set((await collector.received()).map(({ detail }) => String(detail.id)));
  const missing = producer.eventIds.filter((id) => !taken.has(id) || !receiver.taken.has(id));
  return { ledgers, missing, arrivals: receiver.arrivals };
}

/** Sends batches until they are accepted, under the same names: a producer that does not know sends again. */
class Producer {
  readonly #service: Service;
  readonly #time = new Date().toISOString();
  sent = 0;

  constructor(service: Service) {
    this.#service = service;
  }

  get eventIds(): string[] {
    const { account } = this.#service.seed;
    const at = Date.parse(this.#time);
    return Array.from({ length: this.sent }, (_, index) => derivedId('evt', false, at, `${account}/killed-${index}`));
  }

  async publishUntil(count: number): Promise<void> {
    const { account } = this.#service.seed;
    const sqs = new SQSClient({
      region: 'us-east-1',
      endpoint: this.#service.awsUrl,
      credentials: { accessKeyId: '000000000000', secretAccessKey: 'local' },
      useQueueUrlAsEndpoint: false,
      maxAttempts: 1,
    });
    const QueueUrl = `${this.#service.awsUrl}/000000000000/event-destinations-dev-events`;
    while (this.sent < count) {
      const Entries = Array.from({ length: Math.min(10, count - this.sent) }, (_, at) => ({
        Id: String(at),
        MessageBody: this.#message(account, this.sent + at),
        MessageGroupId: account,
      }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      this.sent += Entries.length;
    }
  }

  #message = (account: string, index: number): string =>
    JSON.stringify({
      id: `killed-${index}`,
      time: this.#time,
      'detail-type': TYPE,
      detail: { account, livemode: false, data: { object: { id: `obj_${index}` } } },
    });
}

/** A webhook endpoint that outlives the service. It refuses some events at first. */
class Receiver {
  readonly taken = new Set<string>();
  readonly #refused = new Map<string, number>();
  readonly #server: Server;
  arrivals = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { id } = JSON.parse(Buffer.concat(chunks).toString());
        response.writeHead(this.#take(id) ? 200 : 503).end();
      });
    });
  }

  #take(id: string): boolean {
    const refused = this.#refused.get(id) ?? 0;
    const sum = [...id].reduce((total, letter) => total + letter.charCodeAt(0), 0);
    if (sum % REFUSED.oneIn === 0 && refused < REFUSED.attempts) {
      this.#refused.set(id, refused + 1);
      return false;
    }
    this.arrivals += 1;
    this.taken.add(id);
    return true;
  }

  listen(): Promise<string> {
    return new Promise((resolve) =>
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`);
      }),
    );
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function createDestinations(
  service: Service,
  url: string,
): Promise<{ destinations: Named[]; collector: Collector }> {
  const { customer_account_id: account } = service.seed;
  const common = { event_payload: 'snapshot', enabled_events: [TYPE] };
  const eventBridge = await service.request('POST', '/v2/core/event_destinations', {
    ...common,
    name: 'Killed, by EventBridge',
    type: 'amazon_eventbridge',
    amazon_eventbridge: { aws_account_id: account, aws_region: 'us-east-1' },
  });
  const webhook = await service.request('POST', '/v2/core/event_destinations', {
    ...common,
    name: 'Killed, by webhook',
    type: 'webhook_endpoint',
    webhook_endpoint: { url },
  });
  const source = eventBridge.amazon_eventbridge.aws_event_source_arn.split(':event-source/')[1];
  const customer = new Customer(service, account, 'us-east-1');
  await customer.associate(source);
  return { destinations: [eventBridge, webhook], collector: await customer.collect(source) };
}

type Ledger = Awaited<ReturnType<typeof ledgerOf>>;

/** What was being worked on comes again, then the retries are due one after the other, until every delivery has ended. */
async function comeToRest(service: Service, destinations: readonly Named[], events: number): Promise<Ledger[]> {
  let ledgers: Ledger[] = [];
  for (let waited = 0; waited < MOST_HALF_HOURS; waited += 1) {
    await service.advance('30m');
    if (!(await service.isIdle())) continue;
    ledgers = await Promise.all(destinations.map((destination) => ledgerOf(service, destination)));
    if (ledgers.every(({ statuses }) => hasEnded(statuses, events))) break;
  }
  return ledgers;
}

function hasEnded(statuses: Readonly<Record<string, number>>, events: number): boolean {
  const ended = Object.entries(statuses).filter(([status]) => status !== 'pending');
  return ended.reduce((sum, [, count]) => sum + count, 0) === events;
}

interface Named {
  readonly id: string;
  readonly type: string;
}

async function ledgerOf(service: Service, { id, type }: Named) {
  const statuses: Record<string, number> = {};
  const events = new Set<string>();
  let path: string | null = `/v2/core/event_destinations/${id}/deliveries?limit=100`;
  while (path) {
    const page: { data: { event: string; status: string }[]; next_page_url: string | null } = await service.request(
      'GET',
      path,
    );
    for (const { event, status } of page.data) {
      if (events.has(event)) throw new Error(`${event} is in the ledger of ${id} twice`);
      events.add(event);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    path = page.next_page_url;
  }
  return { type, statuses };
}

/** Mulberry32: the same seed gives the same moments. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
