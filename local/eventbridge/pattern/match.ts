import { isJsonArray, isJsonObject, type Json, type JsonObject, type Leaf } from '../json.ts';
import type { Branch, Pattern } from './compile.ts';
import type { Test } from './operators.ts';

/** Which element of which array (numbered in their order) a value stands in. */
type Membership = ReadonlyMap<number, number>;
const NOWHERE: Membership = new Map();

interface Field {
  readonly value: Leaf;
  readonly within: Membership;
}

/** An event's leaves by path. An empty array or object has none: for `exists` it is not there. */
export type FlatEvent = ReadonlyMap<string, readonly Field[]>;

export function flatten(event: JsonObject): FlatEvent {
  const fields = new Map<string, Field[]>();
  let arrays = 0;
  const visit = (value: Json, path: string, within: Membership): void => {
    if (isJsonArray(value)) {
      const array = arrays++;
      value.forEach((element, index) => {
        const scalar = !isJsonArray(element) && !isJsonObject(element);
        visit(element, path, scalar ? within : new Map(within).set(array, index));
      });
    } else if (isJsonObject(value)) {
      for (const [name, inner] of Object.entries(value)) visit(inner, path === '' ? name : `${path}.${name}`, within);
    } else {
      const found = fields.get(path);
      if (found) found.push({ value, within });
      else fields.set(path, [{ value, within }]);
    }
  };
  visit(event, '', NOWHERE);
  return fields;
}

export function matches(pattern: Pattern, event: FlatEvent): boolean {
  return pattern.some((branch) => matchesBranch(branch, event));
}

/**
 * Every path finds a value that passes. Where paths lead into the same array they must find them in the same element:
 * `{"a":[{"b":1,"c":1},{"b":2,"c":2}]}` is not matched by b = 1 and c = 2.
 */
function matchesBranch(branch: Branch, event: FlatEvent): boolean {
  const paths = [...branch];
  const from = (index: number, soFar: Membership): boolean => {
    const next = paths[index];
    if (!next) return true;
    const [path, tests] = next;
    const reachable = (event.get(path) ?? []).flatMap((field) => {
      const membership = joined(soFar, field.within);
      return membership ? [{ value: field.value, membership }] : [];
    });
    if (reachable.length === 0) return tests.includes('absent') && from(index + 1, soFar);
    return reachable.some(({ value, membership }) => passes(tests, value) && from(index + 1, membership));
  };
  return from(0, NOWHERE);
}

const passes = (tests: readonly Test[], value: Leaf) => tests.some((test) => test !== 'absent' && test(value));

/** Both memberships together; undefined if they are different elements of one array. */
function joined(a: Membership, b: Membership): Membership | undefined {
  if (b.size === 0) return a;
  if (a.size === 0) return b;
  for (const [array, index] of b) if ((a.get(array) ?? index) !== index) return undefined;
  return new Map([...a, ...b]);
}
