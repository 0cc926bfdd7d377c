import { invalidPattern } from '../errors.ts';
import { isJsonArray, isJsonObject, type Json, type JsonObject, parseJson } from '../json.ts';
import { type Test, testOf } from './operators.ts';

/** One way to match: at every path (`detail.state`) one of the tests must hold. */
export type Branch = ReadonlyMap<string, readonly Test[]>;

/** An event matches if one branch does; a pattern without `$or` has one. Paths stand in alphabetical order. */
export type Pattern = readonly Branch[];

/** "…the total number of rule combinations must be less than or equal to 1000". */
const MAX_BRANCHES = 1000;

/** Names of operators, taken and to come, which inside `$or` are surely a mistake. */
const RESERVED_INSIDE_OR = new Set([
  ...['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard', 'numeric', 'cidr'],
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case'],
  ...['date-after', 'date-on-or-after', 'date-before', 'date-on-or-before', 'in-date-range'],
  ...['ip-address-in-range', 'ip-address-not-in-range'],
]);

/** Throws InvalidEventPatternException, with the reason that AWS gives (without its line and column). */
export function compilePattern(source: string): Pattern {
  const branches = objectBranches(parsed(source), '', [new Map()], false);
  return branches.map((branch) => new Map([...branch].sort(([a], [b]) => (a < b ? -1 : 1))));
}

function parsed(source: string): JsonObject {
  let pattern: Json;
  try {
    pattern = parseJson(source);
  } catch (error) {
    throw invalidPattern(error instanceof Error ? error.message : String(error));
  }
  if (!isJsonObject(pattern)) throw invalidPattern('Filter is not an object');
  return pattern;
}

function objectBranches(object: JsonObject, path: string, branches: Pattern, insideOr: boolean): Pattern {
  const fields = Object.entries(object);
  if (fields.length === 0) throw invalidPattern('Empty objects are not allowed');
  let found = branches;
  for (const [name, value] of fields) {
    const at = path === '' ? name : `${path}.${name}`;
    if (name === '$or') found = orBranches(value, path, found);
    else if (insideOr && RESERVED_INSIDE_OR.has(name))
      throw invalidPattern(`${name} is Ruler reserved fieldName which cannot be used inside $or.`);
    else if (isJsonArray(value)) found = withTests(found, at, value);
    else if (isJsonObject(value)) found = objectBranches(value, at, found, insideOr);
    else throw invalidPattern(`"${name}" must be an object or an array`);
  }
  return found;
}

function withTests(branches: Pattern, path: string, elements: readonly Json[]): Pattern {
  const tests = elements.map(testOf);
  if (tests.length === 0) throw invalidPattern('Empty arrays are not allowed');
  return branches.map((branch) => new Map(branch).set(path, tests));
}

/** `$or` multiplies: each alternative goes on from a copy of every branch so far. */
function orBranches(alternatives: Json, path: string, branches: Pattern): Pattern {
  if (!isJsonArray(alternatives)) throw invalidPattern('It must be an Array followed with $or.');
  const found = alternatives.flatMap((alternative) => {
    if (!isJsonObject(alternative)) throw invalidPattern('Only JSON object is allowed in array of $or relationship.');
    return objectBranches(alternative, path, branches, true);
  });
  if (alternatives.length < 2) throw invalidPattern('There must have at least 2 Objects in $or relationship.');
  if (found.length > MAX_BRANCHES) throw invalidPattern(`$or gives more than ${MAX_BRANCHES} combinations`);
  return found;
}
