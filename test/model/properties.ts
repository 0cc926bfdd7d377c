import type { Delivery } from '../../shared/deliveries/delivery.ts';
import type { DeliveryMessage } from '../../shared/deliveries/message.ts';
import type { Destination } from '../../shared/destinations/destination.ts';
import type { Health } from '../../shared/health/health.ts';
import type { Attributes } from './expression.ts';
import type { Model } from './setup.ts';
import type { Message, World } from './world.ts';

/**
 * What must hold.
 *
 *   of a step      a delivery leaves `delivered` only by the documented fallback, and another end only for `delivered` or
 *                  by a bulk resend, once
 *   of a world     while nothing runs, every delivery that has not ended is brought back by something
 *                  no more attempts with one number than what went wrong can cost; one execution for a slot;
 *                  one drain: no two releases send something at once
 *                  while time passes and nobody has died, nothing is held that nothing holds, or its release is near
 *   of an end      every delivery has ended; what arrived is delivered and what is delivered arrived; nothing is left over
 */
export class Violation extends Error {
  override readonly name = 'Violation';
}

const fail = (message: string): never => {
  throw new Violation(message);
};

/** ms. A drain takes its next step after a minute. */
const SOON = 60_000;

type Item = Parameters<Model['product']['toDestination']>[0];

export class Properties {
  readonly #model: Model;
  readonly #events: readonly string[];

  constructor(model: Model) {
    this.#model = model;
    this.#events = [...model.first.items.values()]
      .filter(({ item }) => String(item.pk).includes('#events#'))
      .map(({ item }) => String(item.sk));
  }

  ofStep(before: World, after: World): void {
    if (before.now < after.now) this.#ofPassing(before);
    if (before.items === after.items) return;
    for (const [name, { item }] of before.items) {
      if (!name.includes('#deliveries#')) continue;
      const now = after.items.get(name)?.item;
      if (item === now || item.status === 'pending') continue;
      const change = `${item.sk}: ${item.status} -> ${now?.status}`;
      if (item.status !== 'delivered') {
        const reopened = item.reopened === undefined && now?.reopened !== undefined;
        if (now?.status !== 'delivered' && !reopened) fail(`An end was overwritten, and not by a delivery: ${change}`);
      } else if (now?.status !== 'delivered') {
        const returned = now?.held_by === 'source_pending' && this.#source(after)?.fallback !== undefined;
        if (!returned) fail(`A delivered event is not delivered any more: ${change}`);
      }
    }
  }

  /** Whoever finds that nothing holds a delivery sends it: nobody waits for the announced release, which is for deaths. */
  #ofPassing(world: World): void {
    if (world.seen.crashed || world.processes.length > 0) return;
    const { now, messages } = world;
    if (messages.some((one) => one.queue === 'releases' && !isStepOfResend(one) && one.visibleAt <= now + SOON)) return;
    for (const { item } of world.items.values())
      if (String(item.pk).includes('#held#') && !this.#holds(world))
        fail(`Nothing holds ${item.sk}, and nobody sends it soon`);
  }

  #holds(world: World): boolean {
    const destination = this.#destination(world);
    const { admission } = this.#model.product;
    return 'hold' in admission({ destination, health: this.#health(world), paused: destination?.paused === true });
  }

  ofWorld(world: World): void {
    this.#countAttempts(world);
    this.#countWakeUps(world);
    this.#countReleases(world);
    if (world.processes.length > 0) return;
    for (const event of this.#events) {
      const delivery = this.#delivery(world, event);
      if (delivery && delivery.status !== 'pending') continue;
      if (!this.#isBroughtBack(world, event, delivery)) fail(`Nothing brings back ${event}: ${describe(delivery)}`);
    }
  }

  /** Two with the same number: each thing that goes wrong may cost one, and so does each other release at the same time. */
  #countAttempts({ seen, extras }: World): void {
    const { races = 0 } = this.#model.instance;
    for (const [attempt, count] of seen.attempts)
      if (!attempt.endsWith('manual') && count > 1 + extras + races) fail(`Attempt ${attempt} was made ${count} times`);
  }

  #countWakeUps({ seen }: World): void {
    for (const [slot, count] of seen.wakeUps) if (count > 1) fail(`Slot ${slot} has ${count} executions`);
  }

  #countReleases({ seen }: World): void {
    const { lags } = this.#model.instance.budget;
    if (lags === 0 && seen.releases > 1) fail('Two releases drain the destination at once');
  }

  ofEnd(world: World): void {
    for (const event of this.#events) {
      const delivery = this.#delivery(world, event);
      if (!delivery || delivery.status === 'pending') fail(`${event} never ends: ${describe(delivery)}`);
      const arrived = world.seen.received.has(event);
      const told = `${event} ${arrived ? 'arrived' : 'did not arrive'}: ${describe(delivery)}`;
      if (delivery?.status === 'delivered' && !arrived) fail(`It is not true that ${told}`);
      // Of what a fallback returned nobody can know.
      const unknowable = world.seen.crashed || delivery?.last_attempt?.code === this.#model.product.SOURCE_FELL_BACK;
      if (delivery?.status !== 'delivered' && arrived && !unknowable) fail(`The ledger does not say that ${told}`);
      if (delivery?.status === 'canceled' && !world.seen.ended) fail(`Canceled for nothing: ${told}`);
      // The breaker holds until the window is over, however few the probes were.
      const exhausted = delivery?.status === 'failed' && delivery.reason !== 'retry_window_over';
      if (exhausted && (delivery.last_attempt?.number ?? 0) < 4) fail(`Failed too early: ${told}`);
    }
    for (const [name, { item }] of world.items)
      if (name.includes('#resends ') && item.status === 'in_progress') fail('The bulk resend never ends');
    // A copy that came late may leave an item in a slot that nobody needs, or one that died twice a held one: both expire.
    for (const [name] of world.items)
      if ((/#held#/.test(name) && world.extras < 2) || (/#slot#.*evt_/.test(name) && world.extras === 0))
        fail(`It is left over: ${name}`);
  }

  allEnded = (world: World): boolean =>
    this.#events.every((event) => {
      const delivery = this.#delivery(world, event);
      return delivery !== undefined && delivery.status !== 'pending';
    });

  #isBroughtBack(world: World, event: string, delivery: Delivery | undefined): boolean {
    const counts = (message: unknown) => this.#counts(message as DeliveryMessage, event, delivery);
    if (world.messages.some(({ queue, body }) => queue === 'deliveries' && counts(JSON.parse(body)))) return true;
    if (this.#isBeingReturned(world, delivery) || isBeingResent(world, delivery)) return true;
    return [...world.items.values()].some(
      ({ item }) =>
        this.#messagesIn(item).some(counts) && (this.#willWake(world, item) || this.#willBeReleased(world, item)),
    );
  }

  /** What waits in an item of a slot, or in one of what is held. */
  #messagesIn(item: Attributes): readonly unknown[] {
    if (String(item.pk).includes('#held#')) return this.#model.product.heldFromItem(item as Item).messages;
    return item.message === undefined ? [] : [item.message];
  }

  /** What fell back is held again by the message that returns its range, however often that has to come. */
  #isBeingReturned(world: World, delivery: Delivery | undefined): boolean {
    if (delivery?.held_by !== 'source_pending' || !this.#source(world)?.fallback) return false;
    return world.messages.some(({ queue, body }) => queue === 'releases' && body.includes('"fallback"'));
  }

  #counts(message: DeliveryMessage | undefined, event: string, delivery: Delivery | undefined): boolean {
    if (message?.event !== event || message.manual !== undefined) return false;
    return this.#model.product.decide(message.attempt, delivery) !== 'acknowledge';
  }

  #willWake({ executions }: World, { pk }: Attributes): boolean {
    const [, slot] = /#slot#(\d+)$/.exec(String(pk)) ?? [];
    return (
      slot !== undefined &&
      [...executions.values()].some(({ input, over }) => !over && JSON.parse(input).slot === Number(slot))
    );
  }

  /** Held by a state that holds, and that somebody will end; or released. */
  #willBeReleased(world: World, { pk }: Attributes): boolean {
    if (!String(pk).includes('#held#')) return false;
    if (world.messages.some((message) => message.queue === 'releases' && !isStepOfResend(message))) return true;
    const { admission } = this.#model.product;
    const health = this.#health(world);
    const destination = this.#destination(world);
    const admitted = admission({ destination, health, paused: destination?.paused === true });
    if (!('hold' in admitted)) return false;
    if (admitted.hold !== 'circuit_breaker') return true;
    return [...world.executions.values()].some(
      ({ input, over }) => !over && JSON.parse(input).slot === health.probe_at,
    );
  }

  #destination({ items }: World): Destination | undefined {
    const item = items.get(this.#model.destination)?.item;
    return item && this.#model.product.toDestination(item as Item);
  }

  #source(world: World) {
    const destination = this.#destination(world);
    return destination?.type === 'amazon_eventbridge' ? destination.source : undefined;
  }

  #health({ items }: World): Health {
    const found = [...items.values()].find(({ item }) => String(item.sk).startsWith('health#'));
    return this.#model.product.toHealth(found?.item as Item | undefined);
  }

  #delivery({ items }: World, event: string): Delivery | undefined {
    for (const [name, { item }] of items)
      if (item.sk === event && name.includes('#deliveries#')) return this.#model.product.toDelivery(item as Item);
    return undefined;
  }
}

const isStepOfResend = ({ queue, body }: Message): boolean => queue === 'releases' && body.includes('"resend"');

/** What a bulk resend reopened it sends, however often its step has to come. */
const isBeingResent = ({ messages }: World, delivery: Delivery | undefined): boolean =>
  delivery?.reopened !== undefined && messages.some(isStepOfResend);

function describe(delivery: Delivery | undefined): string {
  if (!delivery) return 'no delivery';
  const { status, next, held_by, reason, due } = delivery;
  const details = [held_by, reason, due && `due ${new Date(due).toISOString().slice(11, 19)}`].filter(Boolean);
  return [status, `next ${next}`, ...details].join(', ');
}
