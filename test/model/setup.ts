import { Actions } from './actions.ts';
import { CUSTOMER } from './aws.ts';
import type { Instance } from './instance.ts';
import { Performer } from './performer.ts';
import { type Product, REGION, record } from './product.ts';
import { Items, itemName, type Process, toStored, type World, withItem } from './world.ts';

const START = Date.UTC(2026, 10, 21, 10);
const SECOND = 1000;
const MINUTE = 60 * SECOND;

const ACCOUNT = 'acct_model';
const OWNER = { account: ACCOUNT, livemode: false };
const DESTINATION = { ...OWNER, id: 'ed_test_01KAJ00000MODE00000000DEST' };

export interface Model {
  readonly instance: Instance;
  readonly product: Product;
  readonly actions: Actions;
  readonly performer: Performer;
  /** The name of the destination's item. */
  readonly destination: string;
  readonly first: World;
}

const EMPTY: World = {
  now: START - 20 * MINUTE,
  items: new Items(),
  messages: [],
  executions: new Map(),
  source: 'PENDING',
  processes: [],
  left: { crashes: 0, faults: 0, failures: 0, duplicates: 0, lags: 0, rounds: 1 },
  extras: 0,
  scripts: [],
  seen: { received: new Set(), attempts: new Map(), ended: false, crashed: false, wakeUps: new Map(), releases: 0 },
};

/** The instance's first world: an account and a destination, and events dispatched to it, all by the product itself. */
export async function setUp(product: Product, instance: Instance): Promise<Model> {
  const destination = itemName('registry', product.destinationKey(DESTINATION).pk, DESTINATION.id);
  const performer = new Performer(product, instance, destination);
  const actions = new Actions(instance, { destination, deeds: performer.deeds, start: START });
  const alone = async (world: World, label: string, run: () => Promise<unknown>) =>
    runAlone(performer, await performer.begin(world, { label, kind: 'api', messages: [] }, run));

  let world = await alone(EMPTY, 'create the account', () => product.createAccount(ACCOUNT, 'Model', Date.now()));
  world = await alone(world, 'create the destination', async () => product.createDestination(await prepare(product)));
  if (instance.source === 'ACTIVE') {
    world = { ...world, now: START - 10 * SECOND, source: 'ACTIVE' };
    world = await runAlone(performer, await performer.perform(world, { kind: 'track' }));
    // The releases of the activation find nothing.
    world = { ...world, messages: [] };
  }
  world = { ...world, now: START };
  for (let event = 0; event < instance.events; event += 1)
    world = await alone(world, `event ${event}`, () => product.dispatch({ Records: [record(publication(event), 1)] }));
  if (instance.fallen) world = await fall(performer, actions, world);
  if (instance.rateLimit !== undefined) world = withLimit(world, destination, instance.rateLimit);
  if (instance.failing) world = withItem(world, 'registry', toStored('registry', failing(product)));
  if (instance.budget.rounds === 0) world = withoutTracker(world, destination);
  const first = { ...world, left: instance.budget, scripts: instance.scripts.map(() => 0) };
  return { instance, product, actions, performer, destination, first };
}

/** The events are put to a source without a bus, which the tracker then sees. */
async function fall(performer: Performer, actions: Actions, before: World): Promise<World> {
  let world: World = { ...before, source: 'PENDING' };
  for (const message of before.messages)
    world = await runAlone(performer, await performer.perform(world, { kind: 'receive', messages: [message] }));
  world = { ...world, now: actions.checkAt(world) ?? world.now, left: { ...world.left, rounds: 1 } };
  return runAlone(performer, await performer.perform(world, { kind: 'track' }));
}

async function runAlone(performer: Performer, begun: World): Promise<World> {
  let world = begun;
  for (;;) {
    const [process] = world.processes;
    if (!process) return world;
    if (process.program.done?.error) throw process.program.done.error;
    world = process.program.next
      ? await performer.perform(world, { kind: 'step', process, choice: 'done' })
      : await performer.perform(world, { kind: 'finish', process } satisfies { kind: 'finish'; process: Process });
  }
}

const prepare = (product: Product) =>
  product
    .parseCreateRequest(
      {
        name: 'Model',
        type: 'amazon_eventbridge',
        event_payload: 'snapshot',
        enabled_events: ['*'],
        amazon_eventbridge: { aws_account_id: CUSTOMER, aws_region: REGION },
      },
      false,
    )
    .prepare(DESTINATION);

/** Events of different types, so that the breaker's probes are of more than one. */
const publication = (event: number): string =>
  JSON.stringify({
    id: `event-${event}`,
    time: new Date(START - event * SECOND).toISOString(),
    'detail-type': `model.event_${event}`,
    detail: { ...OWNER, data: { object: { id: 'object' } } },
  });

/** Two failures three minutes ago: with the next one the circuit breaker opens. */
const failing = (product: Product) => ({
  ...product.healthKey(DESTINATION),
  state: 'closed',
  failures: 2,
  timeouts: 0,
  failing_since: START - 3 * MINUTE,
  probes: 0,
  revision: 1,
});

function withLimit(world: World, name: string, rate_limit: number): World {
  const { item } = world.items.get(name) ?? {};
  return withItem(world, 'registry', toStored('registry', { ...item, rate_limit }));
}

/** Nobody looks at the source: when it is to be looked at says nothing, and only tells worlds apart that are the same. */
function withoutTracker(world: World, name: string): World {
  const { source_check_at: _at, ...item } = world.items.get(name)?.item ?? {};
  return withItem(world, 'registry', toStored('registry', item));
}
