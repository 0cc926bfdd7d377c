import type { EventBridgeDestination } from '../../shared/destinations/destination.ts';
import type { Resend } from '../../shared/resends/resend.ts';
import type { Deed } from './instance.ts';
import type { Product } from './product.ts';
import { toMessage, type World, withMessages } from './world.ts';

/** Has the product work on a request, as a function of its own. */
export type Request = (world: World, label: string, run: () => Promise<unknown>) => Promise<World>;

const HOUR = 3600_000;
const RESEND = 'resend_test_01KAJ00000MODE000000RESEND';

type Work = (destination: EventBridgeDestination) => Promise<unknown>;

/** What the customer and the operator do, by the product's own code; and what happens to the event source, in the world alone. */
export class Deeds {
  readonly #product: Product;
  readonly #destination: string;
  readonly #request: Request;
  readonly #works: Readonly<Partial<Record<Deed, Work>>>;

  constructor(product: Product, destination: string, request: Request) {
    this.#product = product;
    this.#destination = destination;
    this.#request = request;
    this.#works = {
      disable: product.disableDestination,
      enable: product.enableDestination,
      delete: product.deleteDestination,
      'pause the deliveries': (of) => product.pauseDelivery({ scope: 'destination', destination: of }),
      'resume the deliveries': (of) => product.resumeDelivery({ scope: 'destination', destination: of }),
      'resend in bulk': (of) => this.#resendInBulk(of),
    };
  }

  perform(world: World, deed: Deed): World | Promise<World> {
    switch (deed) {
      case 'associate the source':
        return world.source === 'PENDING' ? { ...world, source: 'ACTIVE' } : world;
      case 'delete the bus':
        return world.source === 'ACTIVE' ? { ...world, source: 'PENDING' } : world;
      case 'delete the source':
        return { ...withEnd(world), source: 'GONE' };
      case 'resend the first event':
        return withMessages(world, [toMessage('deliveries', this.#manualMessage(world), world.now, 0)]);
      case 'disable':
      case 'delete':
        return this.#work(withEnd(world), deed);
      default:
        return this.#work(world, deed);
    }
  }

  /** Whether it would change anything; what makes no difference only makes more worlds. */
  isPossible(world: World, deed: Deed): boolean {
    const recorded = this.recorded(world);
    // When a bus goes and comes back before anybody has looked, nobody can know what was dropped: that interval is
    // published, and no fault of the product's.
    if (deed === 'associate the source') return world.source === 'PENDING' && recorded?.source.state === 'PENDING';
    if (deed === 'resume the deliveries') return recorded?.paused === true;
    return true;
  }

  /** The destination as the Registry has it. */
  recorded({ items }: World): EventBridgeDestination | undefined {
    const item = items.get(this.#destination)?.item;
    const destination = item && this.#product.toDestination(item as never);
    return destination?.type === 'amazon_eventbridge' ? destination : undefined;
  }

  #work(world: World, deed: Deed): World | Promise<World> {
    const work = this.#works[deed];
    const recorded = this.recorded(world);
    if (!work || !recorded) return world;
    return this.#request(world, deed, async () => {
      const found = await this.#product.findDestination(recorded);
      if (found?.lifecycle === 'ready' && found.type === 'amazon_eventbridge') await work(found);
    });
  }

  /** As `POST /v2/core/event_resends` begins one, of everything that ended without a delivery. */
  async #resendInBulk({ id: destination, account, livemode, type }: EventBridgeDestination): Promise<void> {
    const { announceResend, insertResend, requestResend, firstIdAt } = this.#product;
    const now = Date.now();
    const first = firstIdAt('evt', livemode, now - HOUR);
    const resend: Resend = {
      ...{ id: RESEND, account, livemode, destination, type },
      ...{ statuses: ['failed', 'canceled', 'skipped'], from: now - HOUR, until: now + 1 },
      ...{ status: 'in_progress', created: now, updated: now },
      ...{ step: 0, handed_on: 0, cursor: first, planned_end: first, planned: 0 },
      ...{ matched: 0, sent: 0, rate: 0 },
    };
    await announceResend(resend);
    await insertResend(resend);
    await requestResend(resend);
  }

  #manualMessage(world: World): string {
    const recorded = this.recorded(world);
    const event = [...world.items.values()].map(({ item }) => item).find(({ pk }) => String(pk).includes('#events#'));
    if (!recorded || !event) throw new Error('There is nothing to be resent');
    const head = { event: String(event.sk), event_type: String(event.type), next: 0 };
    return JSON.stringify({ ...this.#product.messageOfRecord(head, recorded), manual: 'manual_1' });
  }
}

const withEnd = (world: World): World => ({ ...world, seen: { ...world.seen, ended: true } });
