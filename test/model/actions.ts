import { type Choice, isOfTheModel } from './aws.ts';
import type { Deeds } from './deeds.ts';
import type { Deed, Instance } from './instance.ts';
import type { Message, Process, World } from './world.ts';

/** One step of a world: what may happen next. */
export type Action =
  | { readonly kind: 'step'; readonly process: Process; readonly choice: Choice }
  | { readonly kind: 'finish' | 'crash'; readonly process: Process }
  | { readonly kind: 'receive'; readonly messages: readonly Message[]; readonly twice?: boolean }
  | { readonly kind: 'wake'; readonly execution: string }
  | { readonly kind: 'track' }
  | { readonly kind: 'deed'; readonly script: number; readonly deed: Deed }
  | { readonly kind: 'pass'; readonly until: number; readonly lags: boolean };

/** What somebody outside does sooner or later, and deliveries wait for. */
const AWAITED: readonly Deed[] = ['associate the source', 'resume the deliveries'];

interface Outside {
  /** The name of the destination's item. */
  readonly destination: string;
  readonly deeds: Deeds;
  /** When the first world is. */
  readonly start: number;
}

/** What can happen in the worlds of an instance, and how. */
export class Actions {
  readonly #instance: Instance;
  readonly #destination: string;
  readonly #deeds: Deeds;
  readonly #patience: number;

  constructor(instance: Instance, { destination, deeds, start }: Outside) {
    this.#instance = instance;
    this.#destination = destination;
    this.#deeds = deeds;
    this.#patience = start + (instance.patience ?? Number.POSITIVE_INFINITY);
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
      ...(room ? this.#scripted(world) : []),
    ];
  }

  /** Attempts of their own are written for readers only; who has answered a request is gone. */
  #isUnseen({ program: { next, done }, messages, kind }: Process): boolean {
    if (done) return messages.length === 0 && kind !== 'wake';
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
    const puts = next.operation === 'PutPartnerEventsCommand' ? next.input.Entries.length : 0;
    const refused = mayBeRefused(this.#instance, next.operation) && left.faults > 0;
    return [
      step(process),
      ...(puts > 0 && left.failures >= puts ? [step(process, 'not taken')] : []),
      ...(puts > 1 && left.failures > 0 ? [step(process, 'one not taken')] : []),
      ...(refused ? [step(process, 'refused')] : []),
      ...crash,
    ];
  }

  #beginnings(world: World): Action[] {
    const visible = unique(world.messages.filter(({ visibleAt }) => visibleAt <= world.now));
    const due = [...world.executions].filter(([, { at }]) => at !== undefined && at <= world.now);
    return [
      ...visible.flatMap((message) => this.#receipts(world, message)),
      ...this.#batches(visible),
      ...due.map(([execution]): Action => ({ kind: 'wake', execution })),
      ...(this.#trackerIsDue(world) ? [{ kind: 'track' } as const] : []),
    ];
  }

  /** SQS may hand out a message once more while it is worked on. */
  #receipts({ left }: World, message: Message): Action[] {
    const twice = left.duplicates > 0 && message.queue === (this.#instance.handedOutTwice ?? 'deliveries');
    const messages = [message];
    return [{ kind: 'receive', messages }, ...(twice ? [{ kind: 'receive', messages, twice } as const] : [])];
  }

  /** Each two deliveries, if the queue hands over more than one. */
  #batches(visible: readonly Message[]): Action[] {
    if (!this.#instance.batches) return [];
    const deliveries = visible.filter(({ queue }) => queue === 'deliveries');
    return deliveries.flatMap((first, index) =>
      deliveries.slice(index + 1).map((second): Action => ({ kind: 'receive', messages: [first, second] })),
    );
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

  #scripted(world: World): Action[] {
    return this.#instance.scripts.flatMap((script, index): Action[] => {
      const deed = script[world.scripts[index] ?? script.length];
      return deed && this.#deeds.isPossible(world, deed) ? [{ kind: 'deed', script: index, deed }] : [];
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
    if (lags && left.lags === 0) return [];
    const awaited = until > this.#patience ? this.#awaited(world) : undefined;
    return [awaited ?? { kind: 'pass', until, lags }];
  }

  /** Whoever was to do it: his script has it ahead, or his function died, so that he does it again. */
  #awaited(world: World): Action | undefined {
    const deed = AWAITED.find((awaited) => this.#deeds.isPossible(world, awaited));
    return deed && { kind: 'deed', script: -1, deed };
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

  /** From here on the outside behaves: nothing goes wrong any more, and what waits for somebody does not wait in vain. */
  behaving(world: World): World {
    const left = { crashes: 0, faults: 0, failures: 0, duplicates: 0, lags: 0, rounds: Number.MAX_SAFE_INTEGER };
    return { ...world, left, scripts: [] };
  }

  /** Of what may happen, the plainest; undefined when nothing has to any more. */
  plainest(world: World, ended: boolean): Action | undefined {
    const [process] = world.processes;
    if (process) return process.program.next ? step(process) : { kind: 'finish', process };
    const awaited = this.#awaited(world);
    if (awaited) return awaited;
    const unsettled = this.#isUnsettled(world);
    const [first] = this.#beginnings(world).filter(({ kind }) => kind !== 'track' || unsettled);
    if (first) return first;
    const until = this.nextTime(world, unsettled) ?? (ended ? undefined : this.nextTime(world, true));
    return until === undefined ? undefined : { kind: 'pass', until, lags: false };
  }

  /** The tracker would find something that is not recorded. */
  #isUnsettled(world: World): boolean {
    const destination = this.#deeds.recorded(world);
    if (!destination) return false;
    const known = { PENDING: 'PENDING', ACTIVE: 'ACTIVE', GONE: 'DELETED' }[world.source];
    const { lifecycle, announcements = [] } = destination;
    const { state, fallback } = destination.source;
    return lifecycle !== 'ready' || announcements.length > 0 || state !== known || fallback !== undefined;
  }
}

/** Whether AWS may refuse the operation. */
export const mayBeRefused = ({ refusable }: Instance, operation: string): boolean =>
  refusable?.includes(operation) === true;

const step = (process: Process, choice: Choice = 'done'): Action => ({ kind: 'step', process, choice });

const unique = (messages: readonly Message[]): Message[] => [
  ...new Map(messages.map((message) => [message.id, message])).values(),
];
