import { timeouts } from '../../infra/timeouts.ts';
import type { EventBridgeDestination } from '../../shared/destinations/destination.ts';
import { type Answer, answer, type Choice, isOfTheModel } from './aws.ts';
import type { Deed, Instance } from './instances.ts';
import { type Product, REGION, record } from './product.ts';
import { ordinalsIn, type Program, Programs, type Start, textOf } from './replay.ts';
import {
  type Message,
  numberOf,
  type Process,
  type QueueName,
  toMessage,
  type World,
  withMessages,
  withoutMessage,
} from './world.ts';

/** One step of a world: what may happen next. */
export type Action =
  | { readonly kind: 'step'; readonly process: Process; readonly choice: Choice }
  | { readonly kind: 'finish' | 'crash'; readonly process: Process }
  | { readonly kind: 'receive'; readonly message: Message; readonly twice?: boolean }
  | { readonly kind: 'wake'; readonly execution: string }
  | { readonly kind: 'track' }
  | { readonly kind: 'deed'; readonly script: number; readonly deed: Deed }
  | { readonly kind: 'pass'; readonly until: number; readonly lags: boolean };

const SECOND = 1000;
const TIMEOUT = {
  deliver: timeouts.deliver.toMilliseconds(),
  release: timeouts.release.toMilliseconds(),
  wake: timeouts.release.toMilliseconds(),
  track: timeouts.trackSources.toMilliseconds(),
  api: timeouts.api.toMilliseconds(),
} as const;
/** A queue's visibility time-out is six times its function's. */
const VISIBILITY = 6;
/** What the state machine waits after a task that failed, and for one that does not answer. */
const WAKE_AGAIN = { failed: 30 * SECOND, silent: TIMEOUT.wake + 60 * SECOND };

const WORKER = { deliveries: 'deliver', releases: 'release' } as const satisfies Record<QueueName, Process['kind']>;

/** What can happen in the worlds of an instance, and how. */
export class Actions {
  readonly programs = new Programs();
  readonly #product: Product;
  readonly #instance: Instance;
  readonly #destination: string;

  constructor(product: Product, instance: Instance, destination: string) {
    this.#product = product;
    this.#instance = instance;
    this.#destination = destination;
  }

  /** Everything that may happen next. What nobody else can see of a function happens at once, and nothing besides. */
  enabled(world: World): Action[] {
    const unseen = world.processes.find((process) => this.#isUnseen(process));
    if (unseen) return [unseen.program.next ? step(unseen) : { kind: 'finish', process: unseen }];
    const room = world.processes.length < this.#instance.concurrency;
    return [
      ...world.processes.toReversed().flatMap((process) => this.#ofProcess(world, process)),
      ...(room ? this.#beginnings(world) : []),
      ...this.#passing(world),
      ...(room ? this.#deeds(world) : []),
    ];
  }

  /** Attempts of their own are written for readers only; who has answered a request is gone. */
  #isUnseen({ program: { next, done }, message, kind }: Process): boolean {
    if (done) return message === undefined && kind !== 'wake';
    switch (next?.operation) {
      case 'PutCommand':
        return String(next.input.Item.pk).includes('#attempts#');
      case 'SendMessageCommand':
      case 'SendMessageBatchCommand':
        return !isOfTheModel(next.input.QueueUrl);
      case 'UpdateCommand':
        // When the source is to be looked at, and what the tracker has to announce, where there is none.
        return (
          this.#instance.budget.rounds === 0 &&
          /^(SET (put_to_at|source_check_at) |REMOVE announcements)/.test(next.input.UpdateExpression)
        );
      default:
        return false;
    }
  }

  #ofProcess({ left }: World, process: Process): Action[] {
    const crash: Action[] = left.crashes > 0 ? [{ kind: 'crash', process }] : [];
    const { next } = process.program;
    if (!next) return [{ kind: 'finish', process }, ...crash];
    const failed = next.operation === 'PutPartnerEventsCommand' && left.failures > 0;
    const refused = this.#mayBeRefused(next.operation) && left.faults > 0;
    return [
      step(process),
      ...(failed ? [step(process, 'not taken')] : []),
      ...(refused ? [step(process, 'refused')] : []),
      ...crash,
    ];
  }

  #mayBeRefused = (operation: string): boolean => this.#instance.refusable?.includes(operation) === true;

  #beginnings(world: World): Action[] {
    const visible = unique(world.messages.filter(({ visibleAt }) => visibleAt <= world.now));
    const due = [...world.executions].filter(([, { at }]) => at !== undefined && at <= world.now);
    return [
      ...visible.flatMap((message) => this.#receipts(world, message)),
      ...due.map(([execution]): Action => ({ kind: 'wake', execution })),
      ...(this.#trackerIsDue(world) ? [{ kind: 'track' } as const] : []),
    ];
  }

  /** SQS may hand out a message once more while it is worked on. */
  #receipts({ left }: World, message: Message): Action[] {
    const twice = left.duplicates > 0 && message.queue === (this.#instance.handedOutTwice ?? 'deliveries');
    return [{ kind: 'receive', message }, ...(twice ? [{ kind: 'receive', message, twice } as const] : [])];
  }

  #trackerIsDue(world: World): boolean {
    const at = this.checkAt(world);
    const running = world.processes.some(({ kind }) => kind === 'track');
    return world.left.rounds > 0 && !running && at !== undefined && at <= world.now;
  }

  /** When the tracker is to look at the source. */
  checkAt({ items }: World): number | undefined {
    return items.get(this.#destination)?.item.source_check_at as number | undefined;
  }

  #deeds(world: World): Action[] {
    return this.#instance.scripts.flatMap((script, index): Action[] => {
      const deed = script[world.scripts[index] ?? script.length];
      if (!deed || (deed === 'associate the source' && !this.#mayAssociate(world))) return [];
      return [{ kind: 'deed', script: index, deed }];
    });
  }

  /** To the next instant at which something is due. While something runs or waits, that costs a lag. */
  #passing(world: World): Action[] {
    const { now, processes, messages, executions, left } = world;
    const until = this.nextTime(world, left.rounds > 0);
    if (until === undefined || processes.some(({ deadline }) => deadline < until)) return [];
    const waits =
      messages.some(({ visibleAt }) => visibleAt <= now) ||
      [...executions.values()].some(({ at }) => at !== undefined && at <= now);
    const lags = waits || processes.length > 0;
    return lags && left.lags === 0 ? [] : [{ kind: 'pass', until, lags }];
  }

  nextTime(world: World, withTracker: boolean): number | undefined {
    const { now, messages, executions } = world;
    const times = [
      ...messages.map(({ visibleAt }) => visibleAt),
      ...[...executions.values()].flatMap(({ at }) => (at === undefined ? [] : [at])),
      ...(withTracker ? [this.checkAt(world) ?? 0] : []),
    ].filter((at) => at > now);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** From here on the outside behaves: nothing goes wrong any more, and a source that waits is associated. */
  behaving(world: World): World {
    const left = { crashes: 0, faults: 0, failures: 0, duplicates: 0, lags: 0, rounds: Number.MAX_SAFE_INTEGER };
    return { ...world, left, scripts: [] };
  }

  /** Of what may happen, the plainest; undefined when nothing has to any more. */
  plainest(world: World, ended: boolean): Action | undefined {
    const [process] = world.processes;
    if (process) return process.program.next ? step(process) : { kind: 'finish', process };
    if (this.#mayAssociate(world)) return { kind: 'deed', script: -1, deed: 'associate the source' };
    const unsettled = this.#isUnsettled(world);
    const [first] = this.#beginnings(world).filter(({ kind }) => kind !== 'track' || unsettled);
    if (first) return first;
    const until = this.nextTime(world, unsettled) ?? (ended ? undefined : this.nextTime(world, true));
    return until === undefined ? undefined : { kind: 'pass', until, lags: false };
  }

  /** The tracker would find something that is not recorded. */
  #isUnsettled({ items, source }: World): boolean {
    const destination = this.#recorded(items);
    if (!destination) return false;
    const known = { PENDING: 'PENDING', ACTIVE: 'ACTIVE', GONE: 'DELETED' }[source];
    const { lifecycle, announcements = [] } = destination;
    const { state, fallback } = destination.source;
    return lifecycle !== 'ready' || announcements.length > 0 || state !== known || fallback !== undefined;
  }

  /**
   * A source that waits, and is known to. When a bus goes and comes back before anybody has looked, nobody can know what
   * was dropped: that interval is published, and no fault of the product's.
   */
  #mayAssociate({ items, source }: World): boolean {
    return source === 'PENDING' && this.#recorded(items)?.source.state === 'PENDING';
  }

  #recorded(items: World['items']): EventBridgeDestination | undefined {
    const item = items.get(this.#destination)?.item;
    const destination = item && this.#product.toDestination(item as never);
    return destination?.type === 'amazon_eventbridge' ? destination : undefined;
  }

  /** The world after an action. Waits only for what no program of the kind has done before. */
  async perform(world: World, action: Action): Promise<World> {
    switch (action.kind) {
      case 'step':
        return this.#step(world, action.process, action.choice);
      case 'finish':
        return finished(world, action.process);
      case 'crash':
        return crashed(world, action.process);
      case 'receive':
        return this.#receive(action.twice ? duplicated(world, action.message) : world, action.message);
      case 'wake':
        return this.#wake(world, action.execution);
      case 'track':
        return this.#track(world);
      case 'deed':
        return this.#deed(world, action.script, action.deed);
      case 'pass': {
        const lags = world.left.lags - Number(action.lags);
        return { ...world, now: action.until, left: { ...world.left, lags } };
      }
    }
  }

  async #step(world: World, process: Process, choice: Choice): Promise<World> {
    const { program } = process;
    if (!program.next) throw new Error(`${process.label} is done`);
    const index = world.processes.indexOf(process);
    const answered = answer(world, program.next, process, choice);
    const next = await this.#goOn(program, answered);
    const processes = answered.world.processes.map((one, at) => (at === index ? { ...one, program: next } : one));
    return { ...answered.world, processes };
  }

  #goOn(program: Program, { world, value, error, name }: Answer): Program | Promise<Program> {
    const { now } = world;
    const result = `${now} ${error ? error.message : (name ?? numberOf(textOf(value)))}`;
    return (
      program.children.get(result) ?? this.programs.goOn(program, result, { now, ...(error ? { error } : { value }) })
    );
  }

  async begin(world: World, process: Omit<Process, 'program' | 'ordinal' | 'deadline'>, run: Start['run']) {
    const { now } = world;
    const ordinal = freeOrdinal(world);
    const start: Start = { name: `${process.kind} ${process.label} ${process.message?.id}`, now, ordinal, run };
    const program = this.programs.known(start) ?? (await this.programs.begin(start));
    const begun: Process = { ...process, program, ordinal, deadline: now + TIMEOUT[process.kind] };
    const after = { ...world, processes: [...world.processes, begun] };
    // Who has received a message and read nothing yet is as good as who has not received it.
    const readsOnly = program.next?.operation.endsWith('GetCommand') && !this.#mayBeRefused(program.next.operation);
    return readsOnly ? this.#step(after, begun, 'done') : after;
  }

  #receive(world: World, message: Message): Promise<World> {
    const kind = WORKER[message.queue];
    const visibleAt = world.now + VISIBILITY * TIMEOUT[kind];
    const received = toMessage(message.queue, message.body, visibleAt, message.receives + 1);
    const run = async () => {
      const batch = { Records: [record(message.body, received.receives)] };
      return kind === 'deliver' ? this.#product.deliver(batch) : this.#product.release(batch);
    };
    return this.begin(withoutMessage(world, message), { label: nameOfMessage(message), kind, message: received }, run);
  }

  #wake(world: World, name: string): Promise<World> {
    const execution = world.executions.get(name);
    if (!execution) throw new Error(`There is no execution ${name}`);
    const executions = new Map(world.executions).set(name, { ...execution, at: undefined });
    const run = () => this.#product.release(JSON.parse(execution.input));
    return this.begin({ ...world, executions }, { label: name, kind: 'wake', execution: name }, run);
  }

  #track(world: World): Promise<World> {
    const after = { ...world, left: { ...world.left, rounds: world.left.rounds - 1 } };
    const destination = this.#product.toDestination(world.items.get(this.#destination)?.item as never);
    const { id, account, livemode } = destination;
    const run = () => {
      const body = { v: 1, region: REGION, planned: Date.now() + 1, destination: { id, account, livemode } };
      return this.#product.track({ Records: [record(JSON.stringify(body), 1)] });
    };
    return this.begin(after, { label: 'tracker', kind: 'track' }, run);
  }

  async #deed(world: World, script: number, deed: Deed): Promise<World> {
    const scripts = world.scripts.map((at, index) => (index === script ? at + 1 : at));
    return this.doDeed({ ...world, scripts }, deed);
  }

  doDeed(world: World, deed: Deed): World | Promise<World> {
    const ended = { ...world, seen: { ...world.seen, ended: true } };
    switch (deed) {
      case 'associate the source':
        return world.source === 'PENDING' ? { ...world, source: 'ACTIVE' } : world;
      case 'delete the bus':
        return world.source === 'ACTIVE' ? { ...world, source: 'PENDING' } : world;
      case 'delete the source':
        return { ...ended, source: 'GONE' };
      case 'resend the first event':
        return withMessages(world, [toMessage('deliveries', this.#manualMessage(world), world.now, 0)]);
      default:
        return this.#request(deed === 'enable' ? world : ended, deed);
    }
  }

  #request(world: World, deed: 'disable' | 'enable' | 'delete'): Promise<World> {
    const { findDestination, toDestination, disableDestination, enableDestination, deleteDestination } = this.#product;
    const work = { disable: disableDestination, enable: enableDestination, delete: deleteDestination }[deed];
    const item = world.items.get(this.#destination)?.item;
    if (!item) return Promise.resolve(world);
    const ref = toDestination(item as Parameters<typeof toDestination>[0]);
    const run = async () => {
      const found = await findDestination(ref);
      if (found?.lifecycle === 'ready') await work(found);
    };
    return this.begin(world, { label: deed, kind: 'api' }, run);
  }

  #manualMessage({ items }: World): string {
    const event = [...items.values()].map(({ item }) => item).find(({ pk }) => String(pk).includes('#events#'));
    const destination = this.#product.toDestination(items.get(this.#destination)?.item as never);
    const { event: id, event_type } = { event: String(event?.sk), event_type: String(event?.type) };
    const message = this.#product.messageOfRecord({ event: id, event_type, next: 0 }, destination);
    return JSON.stringify({ ...message, manual: 'manual_1' });
  }
}

const step = (process: Process, choice: Choice = 'done'): Action => ({ kind: 'step', process, choice });

const unique = (messages: readonly Message[]): Message[] => [
  ...new Map(messages.map((message) => [message.id, message])).values(),
];

function nameOfMessage({ queue, body }: Message): string {
  const { event, attempt, manual, probe, kind } = JSON.parse(body);
  if (queue === 'releases') return kind ?? 'release';
  return `${event} ${manual ? 'manual' : `#${attempt}`}${probe ? ' probe' : ''}`;
}

/** The smallest that nobody who runs has, and that is in nothing that anybody could compare with. */
function freeOrdinal({ items, processes }: World): number {
  const used = new Set(processes.flatMap(({ ordinal, program }) => [ordinal, ...program.tokensOf]));
  for (const { item } of items.values())
    if (item.token !== undefined) for (const ordinal of ordinalsIn(String(item.token))) used.add(ordinal);
  let ordinal = 0;
  while (used.has(ordinal)) ordinal += 1;
  return ordinal;
}

const without = (world: World, process: Process): World => ({
  ...world,
  processes: world.processes.filter((one) => one !== process),
});

/** What became of the message, or the execution, that a function worked on. */
function finished(world: World, process: Process): World {
  const { message, execution, program } = process;
  const after = without(world, process);
  if (message) {
    const { batchItemFailures } = (program.done?.value ?? {}) as { batchItemFailures: unknown[] };
    return batchItemFailures.length === 0 ? after : withMessages(after, [message]);
  }
  if (execution === undefined) return after;
  const { more } = (program.done?.value ?? { more: undefined }) as { more?: boolean };
  return woken(after, execution, more === undefined ? world.now + WAKE_AGAIN.failed : more ? world.now : undefined);
}

function crashed(world: World, process: Process): World {
  const left = { ...world.left, crashes: world.left.crashes - 1 };
  const seen = { ...world.seen, crashed: true };
  const after = { ...without(world, process), left, seen, extras: world.extras + 1 };
  if (process.message) return withMessages(after, [process.message]);
  return process.execution === undefined ? after : woken(after, process.execution, world.now + WAKE_AGAIN.silent);
}

function woken(world: World, name: string, at: number | undefined): World {
  const execution = world.executions.get(name);
  if (!execution) throw new Error(`There is no execution ${name}`);
  return { ...world, executions: new Map(world.executions).set(name, { ...execution, at, over: at === undefined }) };
}

/** SQS counts the receives of all copies, so that it is not the first one's. */
function duplicated(world: World, { queue, body, receives }: Message): World {
  const copy = toMessage(queue, body, world.now, Math.max(1, receives));
  const left = { ...world.left, duplicates: world.left.duplicates - 1 };
  return withMessages({ ...world, left, extras: world.extras + 1 }, [copy]);
}
