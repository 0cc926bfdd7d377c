/**
 * Event patterns as EventBridge matches them (docs: eb-create-pattern-operators; the semantics of aws/event-ruler).
 *
 * compile.ts  a pattern's JSON to branches of tests by path; `$or` makes the branches
 * operators.ts and the files it names  one match expression to one test
 * match.ts    an event to its leaves, and the leaves against the branches
 */
export { compilePattern, type Pattern } from './compile.ts';
export { flatten, matches } from './match.ts';
