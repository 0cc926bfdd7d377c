import { describe, expect, it } from 'vitest';
import type { SnapshotEvent } from '../../../shared/events/event.ts';
import { renderEvent } from '../../../shared/events/render.ts';
import { versionChanges } from '../../../shared/events/versions/index.ts';

const parentOf = (subscription: string) => ({ type: 'subscription_details', subscription_details: { subscription } });

const event = (content: Partial<SnapshotEvent['content']> = {}): SnapshotEvent => ({
  id: 'evt_1',
  account: 'acct_1',
  livemode: true,
  created: 0,
  payload: 'snapshot',
  content: {
    type: 'invoice.updated',
    data: {
      object: { id: 'in_1', object: 'invoice', parent: parentOf('sub_2') },
      previous_attributes: { parent: parentOf('sub_1') },
    },
    ...content,
  },
});
const rendered = (of: SnapshotEvent, version: string | null) =>
  renderEvent(of, { for: 'acct_1', fetched: false, version });

describe('a snapshot event in an API version', () => {
  it('is as it was before each later change, its previous attributes, too', () => {
    expect(rendered(event(), '2024-10-28.acacia')).toMatchObject({
      api_version: '2024-10-28.acacia',
      data: {
        object: { id: 'in_1', object: 'invoice', subscription: 'sub_2' },
        previous_attributes: { subscription: 'sub_1' },
      },
    });
  });

  it.each(['2025-03-31.basil', '2026-10-28.endive'])('%s has every change up to it', (version) => {
    expect(rendered(event(), version)).toMatchObject({ api_version: version, data: event().content.data });
  });

  it('is left as it was published without a version', () => {
    expect(rendered(event({ api_version: '2026-10-28.endive' }), null)).toMatchObject({
      api_version: '2026-10-28.endive',
      data: event().content.data,
    });
  });

  it('is not taken back behind a change that it never had', () => {
    const data = { object: { id: 'in_1', object: 'invoice', parent: 'a field of that time' } };
    expect(rendered(event({ data, api_version: '2024-06-20' }), '2023-10-16')).toMatchObject({ data });
  });

  it.each([
    ['another kind of object', { object: 'customer', parent: parentOf('sub_1') }],
    ['an object of no kind', { parent: 1 }],
    ['an invoice without a parent', { object: 'invoice', id: 'in_1' }],
  ])('leaves %s alone', (_name, object) => {
    expect(rendered(event({ data: { object } }), '2024-10-28.acacia')).toMatchObject({ data: { object } });
  });

  it.each([null, 1, {}, { subscription_details: null }])('takes a parent of any form: %j', (parent) => {
    const data = { object: { object: 'invoice', parent } };
    expect(rendered(event({ data }), '2024-10-28.acacia')).toMatchObject({
      data: { object: { object: 'invoice', subscription: null } },
    });
  });
});

it('the registry of version changes runs from the newest to the oldest', () => {
  const versions = versionChanges.map(({ version }) => version);
  expect(versions).toEqual([...versions].sort().reverse());
});
