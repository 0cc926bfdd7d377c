import { announceRelease, requestRelease } from '../deliveries/release-message.ts';
import { forgetHealth } from '../health/forget.ts';
import { ApiError, notFound, SHOULD_RETRY } from '../http/errors.ts';
import { announceOrLeave, disabledAnnouncement, enabledAnnouncement } from './announcement.ts';
import type { Destination } from './destination.ts';
import { type Change, changeDestination, findDestination } from './store.ts';
import { destinationTypes } from './types.ts';

/**
 * Changes of a destination that is `ready`. Requests at the same time both count: each sets only the attributes that it
 * names, on condition of what its decision rests on (the metadata that it merges into, the status that it leaves). When
 * that is something else meanwhile, the destination is read and the change decided anew. Of two requests that set the
 * same attribute the later one stands.
 */
const MAX_TRIES = 10;

/** What to change about the destination as it is; undefined for nothing. May throw. */
type Decide = (destination: Destination) => Change | undefined;

/** Sets what the update decides; its merge of the metadata is decided anew if another one came in between. */
export async function updateDestination(
  found: Destination,
  decide: (destination: Destination) => Change['set'],
): Promise<Destination> {
  const update = () =>
    change(found, (destination) => {
      const set = decide(destination);
      if (Object.keys(set).length === 0) return undefined;
      const seen = { expression: '#metadata_revision = :seen', values: { ':seen': destination.metadata_revision } };
      return { set, ...('metadata' in set && { condition: seen }) };
    });
  return movesTo(found, decide(found)) ? withFreshHealth(found, update) : update();
}

/** Whether its deliveries go elsewhere from now on, such as to another URL. */
const movesTo = ({ type }: Destination, set: Change['set']): boolean =>
  Object.keys(set).some((path) => path.startsWith(`${type}.`));

/**
 * What the circuit breaker knew says nothing any more, and what it holds is released. It is forgotten before the write, so
 * that nothing stays held if we die; and after it, for whoever has read the old URL and the fresh health in between.
 */
async function withFreshHealth(found: Destination, write: () => Promise<Destination>): Promise<Destination> {
  await announceRelease(found);
  await forgetHealth(found);
  const after = await write();
  await forgetHealth(found);
  await requestRelease(after);
  return after;
}

/** Its deliveries under way, the held ones too, are canceled; events that come from now on are skipped. */
export const disableDestination = (found: Destination): Promise<Destination> =>
  switchStatus(found, ({ status }) =>
    status === 'disabled'
      ? undefined
      : {
          set: { status: 'disabled', disabled_reason: 'user' },
          condition: statusIs('enabled'),
          announcement: disabledAnnouncement('user', Date.now()),
        },
  );

/** Refuses a destination whose event source is gone; the condition keeps one from slipping through that goes just now. */
export const enableDestination = (found: Destination): Promise<Destination> =>
  switchStatus(found, (destination) => {
    if (destination.status === 'enabled') return undefined;
    const gone = destinationTypes[destination.type].gone(destination);
    if (gone)
      throw new ApiError(
        400,
        'event_destination_gone',
        `This event destination cannot be enabled. ${gone} Create a new event destination.`,
      );
    return {
      set: { status: 'enabled', disabled_reason: null },
      condition: {
        expression: '#status = :from AND (attribute_not_exists(#source) OR #source.#state <> :deleted)',
        names: { '#source': 'source', '#state': 'state' },
        values: { ':from': 'disabled', ':deleted': 'DELETED' },
      },
      announcement: enabledAnnouncement(Date.now()),
    };
  });

const statusIs = (status: Destination['status']) => ({ expression: '#status = :from', values: { ':from': status } });

/** A status can hold deliveries or end what is held: the release is announced before it is written, and follows it. */
async function switchStatus(found: Destination, decide: Decide): Promise<Destination> {
  if (decide(found) === undefined) return found;
  const after = await withFreshHealth(found, () => change(found, decide));
  await announceOrLeave(after);
  return after;
}

async function change(found: Destination, decide: Decide): Promise<Destination> {
  let destination = found;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const wanted = decide(destination);
    if (!wanted) return destination;
    const after = await changeDestination(destination, wanted, Date.now());
    if (after) return after;
    destination = await reread(found);
  }
  throw new ApiError(
    409,
    'concurrent_modification',
    'This event destination is being changed by many requests at once. Try again.',
    { type: 'api_error', headers: SHOULD_RETRY },
  );
}

async function reread(ref: Destination): Promise<Destination> {
  const destination = await findDestination(ref);
  if (destination?.lifecycle !== 'ready') throw notFound('v2', 'event destination', ref.id);
  return destination;
}
