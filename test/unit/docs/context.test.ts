import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { contextNames } from '../../../infra/config.ts';

it('README names what a deployment can be given, all of it and nothing else', () => {
  const [, table = ''] = /^\| context .*\n\|[-|]+\n((?:\|.*\n)+)/m.exec(readFileSync('README.md', 'utf8')) ?? [];
  const names = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/\w+/g) ?? []);
  expect(names.toSorted()).toEqual(contextNames.toSorted());
});

it.each([
  ['infra/app.ts', { stage: 'Prod' }, '-c stage=Prod: must be 1 to 20 of a-z, 0-9 and -, starting with a letter'],
  [
    'infra/consumer/app.ts',
    {},
    '-c eventSourceName: is required: what stands after event-source/ in aws_event_source_arn',
  ],
])('%s says what is wrong with its context, and not where it says so', (app, context, problem) => {
  const env = { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) };
  const { status, stderr } = spawnSync(process.execPath, [app], { env, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringContaining(problem) });
  expect(stderr).not.toContain('    at ');
});
