import { describe, expect, it } from 'vitest';
import { parsePublished } from '../../../shared/events/event.ts';
import { newId } from '../../../shared/ids.ts';
import { testContent, testEventTypes } from '../../../shared/test-events/test-event.ts';

const NOW = Date.UTC(2026, 10, 21, 10);
const id = newId('evt', false, NOW);
const cause = { id: 'req_1', idempotency_key: null };
const tell = (type: string, more: object = {}) => testContent({ type, ...more }, { id, account: 'acct_1' }, cause);
// biome-ignore lint/suspicious/noExplicitAny: whatever the event is
const snapshot = (type: string, more: object = {}): any => tell(type, more).data;
const snapshotTypes = testEventTypes.filter((one) => one.event_payload === 'snapshot').map(({ type }) => type);

describe('the test event', () => {
  it.each(testEventTypes.map(({ type, event_payload }) => [type, event_payload] as const))(
    '%s is one that could be published, and is small',
    (type, payload) => {
      const content = tell(type);
      expect(parsePublished(payload, content).content.type).toBe(type);
      expect(JSON.stringify(content).length).toBeLessThan(8000);
      expect(tell(type)).toEqual(content);
    },
  );

  it.each(snapshotTypes)('%s is about an object that is as old as the type says', (type) => {
    const age = NOW / 1000 - snapshot(type).object.created;
    const isNew = /\.created$|^charge\.(succeeded|failed)$/.test(type);
    expect(age).toBe(isNew ? 0 : 300);
  });

  it.each(snapshotTypes.filter((type) => type.endsWith('updated')))('%s says what changed, and it did', (type) => {
    const { object, previous_attributes: previous } = snapshot(type);
    expect(Object.keys(previous).length).toBeGreaterThan(0);
    for (const [name, before] of Object.entries(previous)) expect(object[name]).not.toEqual(before);
  });

  it('does not let overrides touch more than its own object', () => {
    const overrides = JSON.parse('{"__proto__": {"polluted": true}, "metadata": {"__proto__": {"polluted": true}}}');
    snapshot('customer.created', { overrides });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    expect(snapshot('customer.created').object.metadata).toEqual({});
  });
});
