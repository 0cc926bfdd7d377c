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
  /** The share of events that fail at the first attempt; 1: the destination is dead, for three days. */
  readonly failing: number;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Events a second, and what is sent together: as many as a receive brings. */
const RATE = 100;
/** Two minutes of failures open the breaker: 12,000 of a million events. */
const BEFORE_BREAKER = 0.012;

let number = 0;

/** What the workload took in all: its events come at a steady rate to a destination of its own, until each has ended. */
export async function run(service: MeteredService, { door, events, failing }: Workload): Promise<Usage> {
  const { platform } = service;
  const type = `charge.workload_${++number}`;
  const { destination } = await createActiveDestination(
    platform,
    { enabled_events: [type] },
    'us-east-1',
    platform.seed.live_key,
  );
  const dead = failing === 1;
  // At 100 a second so many of a million come before the circuit breaker opens, and are attempted.
  const early = dead ? Math.ceil(events * BEFORE_BREAKER) : 0;
  const failed = new Set<string>();
  const firstTime = ({ Detail }: FaultyEntry) => {
    const { id, order } = JSON.parse(String(Detail)).data.object;
    if (failed.has(id) || order % 100 >= failing * 100) return false;
    failed.add(id);
    return true;
  };
  const heal = failEntries(platform, destination, dead ? () => true : firstTime);
  const publish = publisher(service, door, type);
  // Sandboxes and pools warm up outside of what is measured.
  if (!dead) await publishAll(service, publish, Math.min(events, 100), -events);
  const used = await service.use(async () => {
    await publishAll(service, publish, early, 0);
    if (dead) await platform.skip(3 * MINUTE);
    await publishAll(service, publish, events - early, early);
    await platform.skip(dead ? 4 * DAY : 5 * MINUTE);
  });
  heal();
  return used;
}

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
          }),
        );
      };
  }
}
