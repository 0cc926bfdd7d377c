import type { Event } from '../events/event.ts';
import { type Payload, payloadOf } from '../events/types.ts';
import { invalidField } from '../http/errors.ts';
import { timeOf } from '../ids.ts';
import { API_VERSION, type Scene, sceneOf } from './scene.ts';
import { snapshotStages, type Told } from './snapshot.ts';
import { thinStages } from './thin.ts';

/**
 * Test events: of a type that is asked for, with an object that looks as Stripe's does. Each snapshot type has a thin twin,
 * `v1.<type>`, that tells of the same object.
 */
const snapshots = new Map(Object.entries(snapshotStages));
const thins = new Map<string, (scene: Scene) => object>(Object.entries(thinStages));
const TWIN = 'v1.';

/** Every type that can be asked for, by name. */
export const testEventTypes: readonly { readonly type: string; readonly event_payload: Payload }[] = [
  ...snapshots.keys(),
  ...[...snapshots.keys()].map((type) => TWIN + type),
  ...thins.keys(),
]
  .sort()
  .map((type) => ({ type, event_payload: payloadOf(type) }));

const known = new Set(testEventTypes.map(({ type }) => type));

export interface TestEventRequest {
  readonly type: string;
  /** Fields of the object, or of a v2 event's data, that are to be otherwise; objects in it are merged. */
  readonly overrides?: Json | undefined;
  /** Events of one scenario are about the same objects. */
  readonly scenario?: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;
type Cause = { readonly id: string; readonly idempotency_key: string | null };

/** What the event with that id says: the same for the same id and request. Throws InvalidFields for what there is not. */
export function testContent(
  { type, overrides = {}, scenario }: TestEventRequest,
  { id, account }: Pick<Event, 'id' | 'account'>,
  request: Cause,
): Json {
  if (!known.has(type)) throw unknownType(type);
  const twinOf = snapshots.get(type.slice(TWIN.length));
  const stage = snapshots.get(type) ?? (type.startsWith(TWIN) ? twinOf : undefined);
  const seed = scenario === undefined ? id : `${account}/${scenario}`;
  const scene = sceneOf({ account, seed, now: timeOf(id), age: stage?.age ?? 0 });
  const reason = { type: 'request', request };
  if (!stage) return { type, ...ownThin(type, scene, overrides), reason };
  const { object, previous_attributes } = stage.tell(scene);
  const told = { object: overridden(object, overrides), previous_attributes };
  if (payloadOf(type) === 'thin') return { type, ...twin(told), reason };
  return { type, data: told, api_version: API_VERSION, request };
}

/** The thin event about the object of a snapshot event. */
function twin({ object, previous_attributes: before }: Pick<Told, 'previous_attributes'> & { readonly object: Json }) {
  const type = String(object.object);
  const after = before && Object.fromEntries(Object.keys(before).map((name) => [name, object[name] ?? null]));
  return {
    related_object: { id: String(object.id), type, url: `/v1/${type.replace('.', '/')}s/${object.id}` },
    ...(before && { changes: { before, after } }),
  };
}

function ownThin(type: string, scene: Scene, overrides: Json): Json {
  const told: { readonly data?: Json } = thins.get(type)?.(scene) ?? {};
  if (told.data) return { ...told, data: overridden(told.data, overrides) };
  if (Object.keys(overrides).length > 0)
    throw invalidField('overrides', `An event of type '${type}' has no data that could be otherwise.`);
  return told;
}

/** Objects are merged field by field, as deep as the object goes; anything else replaces what was there. */
const overridden = (base: Json, overrides: Json): Json => ({
  ...base,
  ...Object.fromEntries(
    Object.entries(overrides).map(([name, value]) => {
      const before = Object.hasOwn(base, name) ? base[name] : undefined;
      return [name, isObject(before) && isObject(value) ? overridden(before, value) : value];
    }),
  ),
});

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unknownType = (type: string) =>
  invalidField(
    'type',
    `There is no test event of type '${type.slice(0, 128)}'. GET /v2/test_helpers/event_types lists the types there are; publish any other with POST /v1/events or /v2/core/events.`,
  );
