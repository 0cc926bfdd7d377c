import { InvalidFields } from '../../shared/http/errors.ts';

/** Refuses what the query has besides these: who pages by `starting_after` would get the first page for ever. */
export function checkParameters(query: ReadonlyMap<string, readonly string[]>, known: readonly string[]): void {
  const problems = [...query.keys()]
    .filter((name) => !known.includes(name))
    .map((name) => ({ field: name.slice(0, 100), reason: 'Unknown field.' }));
  if (problems.length > 0) throw new InvalidFields(problems);
}
