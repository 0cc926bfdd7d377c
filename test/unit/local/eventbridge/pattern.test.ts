import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../local/eventbridge/json.ts';
import { compilePattern, flatten, matches } from '../../../../local/eventbridge/pattern/index.ts';

/** The event of the user guide's pages on event patterns. */
const EC2: JsonObject = {
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  account: '111122223333',
  time: '2017-10-02T18:43:48Z',
  region: 'us-west-1',
  resources: ['arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0'],
  detail: { 'instance-id': 'i-1234567890abcdef0', state: 'terminated' },
};

const run = (pattern: unknown, event: JsonObject) => matches(compilePattern(JSON.stringify(pattern)), flatten(event));
const detail = (fields: JsonObject): JsonObject => ({ detail: fields });
/** A pattern and the event's value, both under `x`. */
const x = (tests: unknown[], value: JsonObject[string]): readonly [unknown, JsonObject] => [{ x: tests }, { x: value }];

type Case = readonly [name: string, matches: boolean, given: readonly [pattern: unknown, event: JsonObject]];

const DOCUMENTED: Case[] = [
  // eb-event-patterns
  [
    'source, detail type and detail',
    true,
    [
      {
        source: ['aws.ec2'],
        'detail-type': ['EC2 Instance State-change Notification'],
        detail: { state: ['terminated'] },
      },
      EC2,
    ],
  ],
  [
    'a field that the event has with another value',
    false,
    [{ source: ['aws.ec2'], detail: { state: ['running'] } }, EC2],
  ],
  ['a field that the event does not have', false, [{ detail: { colour: ['red'] } }, EC2]],
  ['matching is exact, character by character', false, [{ source: ['AWS.EC2'] }, EC2]],
  ['names are exact too', false, [{ Source: ['aws.ec2'] }, EC2]],
  ['Equals: Name is "Alice"', true, x(['Alice'], 'Alice')],
  [
    'And: Location is "New York" and Day is "Monday"',
    true,
    [
      { Location: ['New York'], Day: ['Monday'] },
      { Location: 'New York', Day: 'Monday' },
    ],
  ],
  [
    'And: one of the two is not enough',
    false,
    [
      { Location: ['New York'], Day: ['Monday'] },
      { Location: 'New York', Day: 'Tuesday' },
    ],
  ],
  ['Or: PaymentType is "Credit" or "Debit"', true, x(['Credit', 'Debit'], 'Debit')],
  ['Or: neither', false, x(['Credit', 'Debit'], 'Cash')],
  // eb-event-patterns-null-values
  ['Empty: LastName is empty', true, x([''], '')],
  ['Empty is not null', false, x([''], null)],
  ['Null: UserID is null', true, x([null], null)],
  ['Null is not the word', false, x([null], 'null')],
  ['Null is not a missing field', false, [{ x: [null] }, { y: 1 }]],
  ['a boolean', true, x([true], true)],
  ['a boolean is not the word', false, x([true], 'true')],
  // eb-event-patterns-arrays
  ["one of the event's array is among the pattern's", true, x(['a', 'b'], ['b', 'c'])],
  ['none of them is', false, x(['a', 'b'], ['c', 'd'])],
  ['an empty array has no value', false, x([null], [])],
  [
    'a resource by its ARN',
    true,
    [{ resources: ['arn:aws:ec2:us-west-1:123456789012:instance/i-1234567890abcdef0'] }, EC2],
  ],
  ['an array in an array', true, x(['c'], [['a'], ['b', 'c']])],
  [
    'objects in an array, fields of the same element',
    true,
    [
      { a: { b: [2], c: [2] } },
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 2 },
        ],
      },
    ],
  ],
  [
    'objects in an array, fields of different elements',
    false,
    [
      { a: { b: [1], c: [2] } },
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 2 },
        ],
      },
    ],
  ],
  // numbers
  ['Equals: Price is 100', true, x([{ numeric: ['=', 100] }], 100)],
  ['300, 300.0 and 3.0e2 are the same number', true, x([300], 300.0)],
  ['a number is not its digits', false, x([100], '100')],
  // prefix, eb-filtering-prefix-matching
  ['Begins with: time starts with 2017-10-02', true, [{ time: [{ prefix: '2017-10-02' }] }, EC2]],
  ['Begins with: Region is in the US', true, x([{ prefix: 'us-' }], 'us-east-1')],
  ['Begins with: Region is not in the US', false, x([{ prefix: 'us-' }], 'eu-west-1')],
  ['an empty prefix is every text', true, x([{ prefix: '' }], 'any')],
  ['a prefix is no number', false, x([{ prefix: '1' }], 12)],
  ['Begins with, ignoring case: EventB', true, x([{ prefix: { 'equals-ignore-case': 'eventb' } }], 'EventBridge')],
  [
    'Begins with, ignoring case: another word',
    false,
    x([{ prefix: { 'equals-ignore-case': 'eventb' } }], 'MyEventBridge'),
  ],
  // suffix, eb-filtering-suffix-matching
  ['Ends with: FileName ends with .png', true, x([{ suffix: '.png' }], 'images/cat.png')],
  ['Ends with: .PNG is another', false, x([{ suffix: '.png' }], 'images/cat.PNG')],
  [
    'Ends with, ignoring case: .PNG is the same',
    true,
    x([{ suffix: { 'equals-ignore-case': '.png' } }], 'images/cat.PNG'),
  ],
  ['Ends with, ignoring case: tBridge', true, x([{ suffix: { 'equals-ignore-case': 'tBridge' } }], 'EVENTBRIDGE')],
  // equals-ignore-case
  [
    'Equals, ignoring case: ec2 instance state-change notification',
    true,
    [{ 'detail-type': [{ 'equals-ignore-case': 'ec2 instance state-change notification' }] }, EC2],
  ],
  ['Equals, ignoring case: alice', true, x([{ 'equals-ignore-case': 'alice' }], 'ALICE')],
  ['Equals, ignoring case: not a part of it', false, x([{ 'equals-ignore-case': 'alice' }], 'alice b')],
  // anything-but, eb-filtering-anything-but
  ['Anything-but: State is not initializing', true, x([{ 'anything-but': 'initializing' }], 'running')],
  ['Anything-but: State is initializing', false, x([{ 'anything-but': 'initializing' }], 'initializing')],
  ['Anything-but needs the field', false, [{ x: [{ 'anything-but': 'initializing' }] }, { y: 1 }]],
  ['Anything-but takes null', true, x([{ 'anything-but': 'initializing' }], null)],
  ['Anything-but a number', true, x([{ 'anything-but': 123 }], 124)],
  ['Anything-but that number', false, x([{ 'anything-but': 123 }], 123)],
  ['Anything-but a list of strings', true, x([{ 'anything-but': ['stopped', 'overloaded'] }], 'running')],
  ['Anything-but one of the list', false, x([{ 'anything-but': ['stopped', 'overloaded'] }], 'overloaded')],
  ['Anything-but a list of numbers', true, x([{ 'anything-but': [100, 200, 300] }], 150)],
  ['Anything-but one of the numbers', false, x([{ 'anything-but': [100, 200, 300] }], 200)],
  [
    'Anything-but, ignoring case',
    false,
    x([{ 'anything-but': { 'equals-ignore-case': 'initializing' } }], 'INITIALIZING'),
  ],
  [
    'Anything-but, ignoring case: another state',
    true,
    x([{ 'anything-but': { 'equals-ignore-case': 'initializing' } }], 'running'),
  ],
  [
    'Anything-but a list, ignoring case',
    false,
    x([{ 'anything-but': { 'equals-ignore-case': ['initializing', 'stopped'] } }], 'STOPPED'),
  ],
  ['Anything-but a prefix', true, x([{ 'anything-but': { prefix: 'init' } }], 'running')],
  ['Anything-but that prefix', false, x([{ 'anything-but': { prefix: 'init' } }], 'initializing')],
  ['Anything-but a list of prefixes', false, x([{ 'anything-but': { prefix: ['init', 'stop'] } }], 'stopping')],
  ['Anything-but a suffix', true, x([{ 'anything-but': { suffix: '.txt' } }], 'file.png')],
  ['Anything-but that suffix', false, x([{ 'anything-but': { suffix: '.txt' } }], 'file.txt')],
  ['Anything-but a list of suffixes', false, x([{ 'anything-but': { suffix: ['.txt', '.rtf'] } }], 'file.rtf')],
  ['Anything-but a wildcard', true, x([{ 'anything-but': { wildcard: '*/lib/*' } }], '/home/bin/x')],
  ['Anything-but that wildcard', false, x([{ 'anything-but': { wildcard: '*/lib/*' } }], '/home/lib/x')],
  [
    'Anything-but a list of wildcards',
    false,
    x([{ 'anything-but': { wildcard: ['*/lib/*', '*/bin/*'] } }], '/home/bin/x'),
  ],
  ['Anything-but of an array: one other element is enough', true, x([{ 'anything-but': 'a' }], ['a', 'b'])],
  // numeric, filtering-numeric-matching
  ['Numeric: c-count in the range > 0, <= 5', true, x([{ numeric: ['>', 0, '<=', 5] }], 5)],
  ['Numeric: at the open end of the range', false, x([{ numeric: ['>', 0, '<=', 5] }], 0)],
  ['Numeric: beyond the range', false, x([{ numeric: ['>', 0, '<=', 5] }], 5.000001)],
  ['Numeric: d-count < 10', true, x([{ numeric: ['<', 10] }], 9.5)],
  ['Numeric: not < 10', false, x([{ numeric: ['<', 10] }], 10)],
  ['Numeric: >=', true, x([{ numeric: ['>=', -2] }], -2)],
  ['Numeric: <= a decimal', true, x([{ numeric: ['<=', 0.1] }], 0.1)],
  ['Numeric: x-limit = 3.018e2', true, x([{ numeric: ['=', 3.018e2] }], 301.8)],
  ['Numeric: no text', false, x([{ numeric: ['>', 0] }], '5')],
  // cidr, eb-filtering-ip-matching
  ['IP address in 10.0.0.0/24', true, x([{ cidr: '10.0.0.0/24' }], '10.0.0.255')],
  ['IP address beside 10.0.0.0/24', false, x([{ cidr: '10.0.0.0/24' }], '10.0.1.0')],
  ['IPv6 address in a /64', true, x([{ cidr: '2001:db8:1234:1a00::/64' }], '2001:0db8:1234:1a00::ff')],
  ['IPv6 address beside it', false, x([{ cidr: '2001:db8:1234:1a00::/64' }], '2001:db8:1234:1a01::')],
  ['a text that is no address', false, x([{ cidr: '10.0.0.0/24' }], 'ten')],
  // exists, eb-filtering-exists-matching
  ['Exists: state is there', true, [detail({ state: [{ exists: true }] }), EC2]],
  ['Exists: null is there', true, x([{ exists: true }], null)],
  ['Exists: not there', false, [detail({ colour: [{ exists: true }] }), EC2]],
  ['Exists: leaves only, not objects', false, [{ detail: [{ exists: true }] }, EC2]],
  ['Does not exist: c-count is missing', true, [detail({ 'c-count': [{ exists: false }] }), EC2]],
  ['Does not exist: but it does', false, [detail({ state: [{ exists: false }] }), EC2]],
  [
    'Does not exist: c-count is there, but no leaf',
    true,
    [detail({ 'c-count': [{ exists: false }] }), detail({ 'c-count': { c1: 100 } })],
  ],
  [
    'missing, or anything but roses',
    true,
    [{ a: { S: [{ 'anything-but': ['roses'] }, { exists: false }] } }, { b: 1 }],
  ],
  [
    'missing, or anything but roses: roses',
    false,
    [{ a: { S: [{ 'anything-but': ['roses'] }, { exists: false }] } }, { a: { S: 'roses' } }],
  ],
  // wildcard, eb-filtering-wildcard-matching
  ['Wildcard: a .png in the folder dir', true, x([{ wildcard: 'dir/*.png' }], 'dir/a/b.png')],
  ['Wildcard: in another folder', false, x([{ wildcard: 'dir/*.png' }], 'other/b.png')],
  [
    'Wildcard: a bus of any account',
    true,
    x([{ wildcard: 'arn:aws:events:us-east-1:*:event-bus/*' }], 'arn:aws:events:us-east-1:123456789012:event-bus/mine'),
  ],
  [
    'Wildcard: the end must follow the last star',
    false,
    x([{ wildcard: '/Users/*/dir/doc.txt' }], '/Users/dir/doc.txt'),
  ],
  ['Wildcard: a star may stand for nothing', true, x([{ wildcard: 'a*b' }], 'ab')],
  ['Wildcard: ends do not overlap', false, x([{ wildcard: 'aba*ba' }], 'aba')],
  ['Wildcard: two in order', true, x([{ wildcard: '*a*b*' }], 'xaxbx')],
  ['Wildcard: two in the wrong order', false, x([{ wildcard: '*a*b*' }], 'xbxax')],
  ['Wildcard: an escaped star is a star', true, x([{ wildcard: 'a\\**' }], 'a*bc')],
  ['Wildcard: an escaped star is no other character', false, x([{ wildcard: 'a\\**' }], 'abc')],
  ['Wildcard: an escaped backslash', true, x([{ wildcard: 'C:\\\\*' }], 'C:\\temp')],
  ['Wildcard: without a star, the text itself', true, x([{ wildcard: 'plain' }], 'plain')],
  ['Wildcard: across lines', true, x([{ wildcard: 'a*b' }], 'a\nb')],
  // $or, eb-filtering-complex-example-or
  [
    '$or: Location is "New York", or Day is "Monday"',
    true,
    [{ $or: [{ Location: ['New York'] }, { Day: ['Monday'] }] }, { Location: 'Paris', Day: 'Monday' }],
  ],
  [
    '$or: neither',
    false,
    [{ $or: [{ Location: ['New York'] }, { Day: ['Monday'] }] }, { Location: 'Paris', Day: 'Sunday' }],
  ],
  [
    '$or beside other fields, which must match too',
    false,
    [
      { source: ['a'], $or: [{ x: [1] }, { y: [2] }] },
      { source: 'b', x: 1 },
    ],
  ],
  [
    '$or of numeric ranges in the detail',
    true,
    [
      detail({ $or: [{ 'c-count': [{ numeric: ['>', 0, '<=', 5] }] }, { 'd-count': [{ numeric: ['<', 10] }] }] }),
      detail({ 'c-count': 9, 'd-count': 3 }),
    ],
  ],
  ['$or within $or', true, [{ $or: [{ a: [1] }, { b: [2], $or: [{ c: [3] }, { d: [4] }] }] }, { b: 2, d: 4 }]],
  [
    'two $or, both must hold',
    false,
    [
      { p: { $or: [{ a: [1] }, { b: [1] }] }, q: { $or: [{ a: [1] }, { b: [1] }] } },
      { p: { b: 1 }, q: { c: 1 } },
    ],
  ],
  // eb-filtering-complex-example
  [
    'prefix, anything-but and numeric together',
    true,
    [
      {
        time: [{ prefix: '2017-10-02' }],
        detail: {
          state: [{ 'anything-but': 'initializing' }],
          'c-count': [{ numeric: ['>', 0, '<=', 5] }],
          'd-count': [{ numeric: ['<', 10] }],
          'x-limit': [{ 'anything-but': [100, 200, 300] }],
        },
      },
      { time: '2017-10-02T18:43:48Z', detail: { state: 'running', 'c-count': 5, 'd-count': 3, 'x-limit': 150 } },
    ],
  ],
  [
    'a dotted name is the same as nesting',
    true,
    [{ detail: { state: { status: ['running'] } } }, { detail: { 'state.status': 'running' } }],
  ],
  ['text that looks like JSON is text', false, [{ detail: { key: ['value'] } }, { detail: '{"key":"value"}' }]],
];

describe('an event pattern of the AWS documentation', () => {
  it.each(DOCUMENTED)('%s: %s', (_, expected, [pattern, event]) => {
    expect(run(pattern, event)).toBe(expected);
  });
});
