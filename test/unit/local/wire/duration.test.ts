import { expect, test } from 'vitest';
import { parseDuration } from '../../../../local/wire/duration.ts';

test.each([
  ['90s', 90_000],
  ['15m', 900_000],
  ['2h30m', 9_000_000],
  ['3d', 259_200_000],
  ['1.5h', 5_400_000],
  ['250ms', 250],
])('%s is %i ms', (text, expected) => expect(parseDuration(text)).toBe(expected));

test.each(['', '3', 'd', '3 d', '3x', '3d!'])('%j is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow('write 90s, 15m, 2h30m or 3d');
});
