import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { isAllowed, licensedFor, render } from './licences.ts';

it('docs/licences.md lists every package that the service runs on, as it is installed (else: npm run licences)', () => {
  expect(readFileSync('docs/licences.md', 'utf8')).toBe(render());
  const names = licensedFor('functions').map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['@aws-sdk/client-dynamodb', '@smithy/core', 'zod']));
});

it.each(['functions', 'infra'] as const)('what %s run on is under licences that the project may use', (purpose) => {
  expect(licensedFor(purpose).filter(({ licence }) => !isAllowed(licence))).toEqual([]);
});
