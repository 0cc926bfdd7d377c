import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../../local/eventbridge/pattern/index.ts';

/** The reasons are those of AWS (aws/event-ruler), without line and column. */
const INVALID: (readonly [reason: string, pattern: unknown])[] = [
  ['Filter is not an object', ['a']],
  ['Empty objects are not allowed', {}],
  ['Empty objects are not allowed', { detail: {} }],
  ['Empty arrays are not allowed', { source: [] }],
  ['"source" must be an object or an array', { source: 'aws.ec2' }],
  ['Match value must be String, number, true, false, or null', { source: [['a']] }],
  ['Match expression name not found', { source: [{}] }],
  ['Only one key allowed in match expression', { source: [{ prefix: 'a', suffix: 'b' }] }],
  ['Unrecognized match type EXISTS', { source: [{ EXISTS: true }] }],
  ['prefix match pattern must be a string', { source: [{ prefix: 1 }] }],
  ['Unsupported prefix pattern: wildcard', { source: [{ prefix: { wildcard: '*' } }] }],
  ['suffix match pattern must be a string', { source: [{ suffix: ['a'] }] }],
  ['equals-ignore-case match pattern must be a string', { source: [{ 'equals-ignore-case': ['a'] }] }],
  ['equals-ignore-case match pattern must be a string', { source: [{ suffix: { 'equals-ignore-case': 1 } }] }],
  ['exists match pattern must be either true or false.', { source: [{ exists: 'yes' }] }],
  ['wildcard match pattern must be a string', { source: [{ wildcard: 1 }] }],
  ['Consecutive wildcard characters at pos 2', { source: [{ wildcard: 'a**' }] }],
  ['Invalid escape character at pos 2', { source: [{ wildcard: 'a\\b' }] }],
  [
    'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    { source: [{ wildcard: '*:*:*:*:*:event-bus/*' }] },
  ],
  ['Value of numeric must be an array.', { x: [{ numeric: 10 }] }],
  ['Invalid member in numeric match: 1', { x: [{ numeric: [1] }] }],
  ['Unrecognized numeric range operator: !=', { x: [{ numeric: ['!=', 1] }] }],
  ['Value of equals must be numeric', { x: [{ numeric: ['=', '1'] }] }],
  ['Value of < must be numeric', { x: [{ numeric: ['>', 0, '<'] }] }],
  ['Bad numeric range operator: >', { x: [{ numeric: ['>', 0, '>', 1] }] }],
  ['Too many elements in numeric expression', { x: [{ numeric: ['<', 0, '>', 1] }] }],
  ['Too many terms in numeric range expression', { x: [{ numeric: ['>', 0, '<', 1, '<', 2] }] }],
  ['Bottom must be less than top', { x: [{ numeric: ['>', 5, '<', 1] }] }],
  ['Value of anything-but must be an array or single string/number value.', { x: [{ 'anything-but': null }] }],
  [
    'Value of anything-but must be an array or single string/number value.',
    { x: [{ 'anything-but': { prefix: { 'equals-ignore-case': 'a' } } }] },
  ],
  ['Inside anything but list, start|null|boolean is not supported.', { x: [{ 'anything-but': ['a', null] }] }],
  [
    'Inside anything but list, either all values are number or string, mixed type is not supported',
    { x: [{ 'anything-but': ['a', 1] }] },
  ],
  ['Unsupported anything-but pattern: numeric', { x: [{ 'anything-but': { numeric: ['<', 1] } }] }],
  ['Null prefix/suffix not allowed', { x: [{ 'anything-but': { prefix: '' } }] }],
  ['prefix/suffix match pattern must be a string', { x: [{ 'anything-but': { suffix: [1] } }] }],
  [
    'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    { x: [{ 'anything-but': { 'equals-ignore-case': 1 } }] },
  ],
  ["Malformed CIDR, one '/' required", { x: [{ cidr: '10.0.0.0' }] }],
  ['Malformed CIDR, mask bits must be an integer', { x: [{ cidr: '10.0.0.0/x' }] }],
  ['Malformed CIDR, mask bits must not be negative', { x: [{ cidr: '10.0.0.0/-1' }] }],
  ['Nonstandard IP address: ten', { x: [{ cidr: 'ten/8' }] }],
  ['IPv4 mask bits must be < 32', { x: [{ cidr: '10.0.0.0/32' }] }],
  ['IPv6 mask bits must be < 128', { x: [{ cidr: '::1/128' }] }],
  ['It must be an Array followed with $or.', { $or: { a: [1] } }],
  ['There must have at least 2 Objects in $or relationship.', { $or: [{ a: [1] }] }],
  ['Only JSON object is allowed in array of $or relationship.', { $or: [{ a: [1] }, 'b'] }],
  ['prefix is Ruler reserved fieldName which cannot be used inside $or.', { $or: [{ a: [1] }, { prefix: ['b'] }] }],
];

describe('an invalid event pattern', () => {
  it.each(INVALID)('is refused: %s', (reason, pattern) => {
    expect(() => compilePattern(JSON.stringify(pattern))).toThrow(
      expect.objectContaining({
        code: 'InvalidEventPatternException',
        message: `Event pattern is not valid. Reason: ${reason}`,
      }),
    );
  });

  it('is refused if it is not JSON', () => {
    expect(() => compilePattern("{'source': 1}")).toThrow(/^Event pattern is not valid\. Reason: ./);
  });

  it('is refused with more than a thousand combinations', () => {
    const or = Array.from({ length: 11 }, (_, value) => ({ a: [value] }));
    const pattern = { p: { $or: or }, q: { $or: or }, r: { $or: or } };
    expect(() => compilePattern(JSON.stringify(pattern))).toThrow(/1000/);
  });
});
