import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { FaultyEntry } from '../../local/eventbridge/faults.ts';
import { createActiveDestination } from '../../test/support/main-job.ts';
import { queueDoor } from '../../test/support/queue-door.ts';
import { failEntries } from '../../test/support/retries.ts';
import { charge } from './event.ts';
import { countSqs } from './meter.ts';
import type { MeteredService } from './service.ts';
import type { Usage } from './usage.ts';

export type Door = 'queue' | 'bus' | 'https';

export interface Workload {
  readonly door: Door;
  readonly events: number;
  /** The share of events that fail at the first attempt. */
  readonly failing: number;
}

/** Events by the queue door to a destination that takes none for three days. */
export interface DeadWorkload {
  /** Come before the circuit breaker opens, and are attempted. */
  readonly early: number;
  /** Come after it, and are held. */
  readonly held: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Events a second, and what is sent together: as many as a receive brings. */
const RATE = 100;
/** The daily reconciliation looks at the events of two days. */
const LOOKED_AT = 3 * DAY;
/** Until the retry window of the last one is over. */
const DEAD = 4 * DAY;

let number = 0;

/** What the workload takes in all: its events come at a steady rate to a destination of its own, until each has ended. */
export async function run(service: MeteredService, { door, events, failing }: Workload): Promise<Usage> {
  const { type, destination } = await createDestination(service);
  const failed = new Set<string>();
  const heal = failEntries(service.platform, destination, ({ Detail }: FaultyEntry) => {
    const { id, order } = JSON.parse(String(Detail)).data.object;
    if (failed.has(id) || order % 100 >= failing * 100) return false;
    failed.add(id);
    return true;
  });
  const publish = publisher(service, door, type);
  // Sandboxes and pools warm up outside of what is measured.
  await publishAll(service, publish, Math.min(events, 100), -events);
  await pass(service, LOOKED_AT);
  const used = await beside(service, LOOKED_AT, async () => {
    await publishAll(service, publish, events, 0);
    await pass(service, LOOKED_AT);
  });
  heal();
  return used;
}

/**
 * What a dead destination takes until all of its events have ended; and then, as they stay in the list of what was not
 * delivered, what a day's reconciliation of them does.
 */
export async function runDead(service: MeteredService, { early, held }: DeadWorkload) {
  const { type, destination } = await createDestination(service);
  const heal = failEntries(service.platform, destination, () => true);
  const publish = publisher(service, 'queue', type);
  const dead = await beside(service, DEAD, async () => {
    await publishAll(service, publish, early, 0);
    await pass(service, 3 * MINUTE);
    await publishAll(service, publish, held, early);
    await pass(service, DEAD);
  });
  const day = await service.use(() => pass(service, DAY));
  heal();
  return { dead, day };
}

async function createDestination({ platform }: MeteredService) {
  const type = `charge.workload_${++number}`;
  const { live_key } = platform.seed;
  return { type, ...(await createActiveDestination(platform, { enabled_events: [type] }, 'us-east-1', live_key)) };
}

/** With the rounds of the reconciliation; without those of the tracker, which are counted apart. */
const pass = ({ platform }: MeteredService, ms: number) => platform.skip(ms, { reconciling: true });

/** What the work takes more than the same time takes in which nothing happens. */
async function beside(service: MeteredService, ms: number, work: () => Promise<void>): Promise<Usage> {
  const idle = await service.use(() => pass(service, ms));
  return (await service.use(work)).minus(idle);
}

/** What API Gateway writes of a request (infra/stacks/api.ts), with what CloudWatch adds to a line. */
const ACCESS_LOG_LINE_BYTES = 330;

type Publish = (first: number, count: number) => Promise<void>;

async function publishAll({ platform, fill }: MeteredService, publish: Publish, events: number, from: number) {
  for (let first = from; first < from + events; first += fill) {
    await publish(first, Math.min(fill, from + events - first));
    await platform.skip((fill / RATE) * 1000);
  }
}

function publisher({ platform, meter }: MeteredService, door: Door, type: string): Publish {
  const { cloud, seed } = platform;
  const account = { account: seed.account, livemode: true };
  const content = (index: number) => ({ data: { object: { ...charge(index), order: Math.abs(index) } } });
  const credentials = { accessKeyId: '000000000000', secretAccessKey: 'local' };
  const client = { region: 'us-east-1', endpoint: cloud.awsUrl, credentials };
  const output = (name: string) =>
    String(Object.values(cloud.outputs).find((outputs) => name in outputs)?.[name] ?? '');
  const each = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);
  switch (door) {
    case 'queue': {
      const send = queueDoor(cloud);
      return (first, count) =>
        send(each(first, count).map((index) => ({ 'detail-type': type, detail: { ...account, ...content(index) } })));
    }
    case 'bus': {
      const events = new EventBridgeClient(client);
      return async (first, count) => {
        const Entries = each(first, count).map((index) => ({
          EventBusName: output('IngestBusName'),
          Source: 'orders',
          DetailType: type,
          Detail: JSON.stringify({ ...account, ...content(index) }),
        }));
        await events.send(new PutEventsCommand({ Entries }));
        // The rule sends one message for each event.
        countSqs((what, amount) => meter.usage.add(what, amount), 2048, count);
      };
    }
    case 'https':
      // What comes at the same time is received together, as by the other doors.
      cloud.sqs.queue(output('EventsQueueArn'))?.setAttributes({ DelaySeconds: '1' });
      return async (first, count) => {
        await Promise.all(
          each(first, count).map(async (index) => {
            const body = { type, ...content(index) };
            const answer = await platform.request('POST', '/v1/events', { key: seed.publish_live_key, body });
            if (answer.status !== 200) throw new Error(`Publishing answered ${answer.status}`);
            meter.usage.add('API Gateway REST requests', 1);
            meter.usage.add('CloudWatch Logs GB', ACCESS_LOG_LINE_BYTES / 1e9);
          }),
        );
      };
  }
}
