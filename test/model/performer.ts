import { timeouts } from '../../infra/timeouts.ts';
import { type Action, mayBeRefused } from './actions.ts';
import { type Answer, answer, type Choice } from './aws.ts';
import { Deeds } from './deeds.ts';
import type { Deed, Instance } from './instance.ts';
import { crashed, duplicated, finished } from './outcomes.ts';
import { type Product, REGION, record } from './product.ts';
import { ordinalsIn, type Program, Programs, type Start, textOf } from './replay.ts';
import {
  idsOf,
  type Message,
  numberOf,
  type Process,
  type QueueName,
  toMessage,
  type World,
  withoutMessages,
} from './world.ts';

const TIMEOUT = {
  deliver: timeouts.deliver.toMilliseconds(),
  release: timeouts.release.toMilliseconds(),
  wake: timeouts.release.toMilliseconds(),
  track: timeouts.trackSources.toMilliseconds(),
  api: timeouts.api.toMilliseconds(),
} as const;
/** A queue's visibility time-out is six times its function's. */
const VISIBILITY = 6;

const WORKER = { deliveries: 'deliver', releases: 'release' } as const satisfies Record<QueueName, Process['kind']>;

/** Does what may happen, and runs the product for it. */
export class Performer {
  readonly programs = new Programs();
  readonly deeds: Deeds;
  readonly #product: Product;
  readonly #instance: Instance;
  readonly #destination: string;

  constructor(product: Product, instance: Instance, destination: string) {
    this.#product = product;
    this.#instance = instance;
    this.#destination = destination;
    this.deeds = new Deeds(product, destination, (world, label, run) =>
      this.begin(world, { label, kind: 'api', messages: [] }, run),
    );
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
        return this.#receive(action.twice ? withCopies(world, action.messages) : world, action.messages);
      case 'wake':
        return this.#wake(world, action.execution);
      case 'track':
        return this.#track(world);
      case 'deed':
        return this.#deed(world, action.script, action.deed);
      case 'pass': {
        const lags = world.left.lags - Number(action.lags);
        return { ...world, now: action.until, left: { ...world.left, lags }, seen: { ...world.seen, releases: 0 } };
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
    const start: Start = { name: `${process.kind} ${process.label} ${idsOf(process)}`, now, ordinal, run };
    const program = this.programs.known(start) ?? (await this.programs.begin(start));
    const begun: Process = { ...process, program, ordinal, deadline: now + TIMEOUT[process.kind] };
    const after = { ...world, processes: [...world.processes, begun] };
    // Who has received a message and read nothing yet is as good as who has not received it.
    const readsOnly =
      program.next?.operation.endsWith('GetCommand') && !mayBeRefused(this.#instance, program.next.operation);
    return readsOnly ? this.#step(after, begun, 'done') : after;
  }

  #receive(world: World, messages: readonly Message[]): Promise<World> {
    const kind = WORKER[messages[0]?.queue ?? 'deliveries'];
    const visibleAt = world.now + VISIBILITY * TIMEOUT[kind];
    const received = messages.map(({ queue, body, receives }) => toMessage(queue, body, visibleAt, receives + 1));
    const run = async () => {
      const batch = { Records: received.map(({ body, receives }, index) => record(body, receives, index)) };
      return kind === 'deliver' ? this.#product.deliver(batch) : this.#product.release(batch);
    };
    const label = messages.map(nameOfMessage).join(' and ');
    return this.begin(withoutMessages(world, messages), { label, kind, messages: received }, run);
  }

  #wake(world: World, name: string): Promise<World> {
    const execution = world.executions.get(name);
    if (!execution) throw new Error(`There is no execution ${name}`);
    const executions = new Map(world.executions).set(name, { ...execution, at: undefined });
    const run = () => this.#product.release(JSON.parse(execution.input));
    return this.begin({ ...world, executions }, { label: name, kind: 'wake', messages: [], execution: name }, run);
  }

  #track(world: World): Promise<World> {
    const after = { ...world, left: { ...world.left, rounds: world.left.rounds - 1 } };
    const destination = this.#product.toDestination(world.items.get(this.#destination)?.item as never);
    const { id, account, livemode } = destination;
    const run = () => {
      const body = { v: 1, region: REGION, planned: Date.now() + 1, destination: { id, account, livemode } };
      return this.#product.track({ Records: [record(JSON.stringify(body), 1)] });
    };
    return this.begin(after, { label: 'tracker', kind: 'track', messages: [] }, run);
  }

  async #deed(world: World, script: number, deed: Deed): Promise<World> {
    const scripts = world.scripts.map((at, index) => (index === script ? at + 1 : at));
    return this.deeds.perform({ ...world, scripts }, deed);
  }
}

const withCopies = (world: World, messages: readonly Message[]): World => messages.reduce(duplicated, world);

function nameOfMessage({ queue, body }: Message): string {
  const { event, attempt, manual, probe, kind } = JSON.parse(body);
  if (queue === 'releases') return kind ?? 'release';
  return `${event} ${manual ? 'manual' : `#${attempt}`}${probe ? ' probe' : ''}`;
}

/** The smallest that nobody who runs has, and that is in nothing that anybody could compare with. */
function freeOrdinal({ items, processes }: World): number {
  const used = new Set(processes.flatMap(({ ordinal, program }) => [ordinal, ...program.tokensOf]));
  for (const { item } of items.values()) for (const ordinal of ordinalsIn(String(item.sk))) used.add(ordinal);
  let ordinal = 0;
  while (used.has(ordinal)) ordinal += 1;
  return ordinal;
}
