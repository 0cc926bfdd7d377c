import { expect, test } from 'vitest';
import { Backlog } from '../../../../local/sqs/backlog.ts';
import { SqsStore } from '../../../../local/sqs/fauxqs.ts';

const message = (body: string, group?: string) => SqsStore.createMessage(body, {}, undefined, group);
const taken = (backlog: Backlog, count: number) => backlog.take(count).map(({ body }) => body);

test('groups take turns, each in its own order', () => {
  const backlog = new Backlog();
  for (const body of ['a1', 'a2', 'a3', 'b1', 'c1', 'c2']) backlog.add(message(body, body.charAt(0)));
  expect(taken(backlog, 4)).toEqual(['a1', 'b1', 'c1', 'a2']);
  backlog.add(message('b2', 'b'));
  expect(taken(backlog, 10)).toEqual(['c2', 'a3', 'b2']);
  expect(backlog.size).toBe(0);
});

test('messages without a group are a group of their own', () => {
  const backlog = new Backlog();
  for (const body of ['1', '2', '3']) backlog.add(message(body));
  backlog.add(message('x', 'tenant'));
  expect(taken(backlog, 4)).toEqual(['1', 'x', '2', '3']);
});

test('a hundred thousand messages of one group do not make a small one wait, nor the taking slow', () => {
  const backlog = new Backlog();
  for (let index = 0; index < 100_000; index += 1) backlog.add(message(String(index), 'loud'));
  backlog.add(message('quiet', 'quiet'));
  expect(taken(backlog, 2)).toEqual(['0', 'quiet']);
  expect(taken(backlog, 99_999)).toHaveLength(99_999);
  expect(taken(backlog, 1)).toEqual([]);
});
