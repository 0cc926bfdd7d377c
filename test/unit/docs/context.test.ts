import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contextNames } from '../../../infra/config.ts';

it('README names what a deployment can be given, all of it and nothing else', () => {
  const [, table = ''] = /^\| context .*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(readFileSync('README.md', 'utf8')) ?? [];
  const names = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/\w+/g) ?? []);
  expect(names.toSorted()).toEqual(contextNames.toSorted());
});
