import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChangedTemplates, changeTemplates } from '../support/changed-templates.ts';
import { publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

let templates: ChangedTemplates;
let platform: Platform;
beforeAll(async () => {
  // As `-c objectIndex=on` synthesizes them.
  templates = changeTemplates((template) => template.replaceAll(/("OBJECT_INDEX": ?)"off"/g, '$1"on"'));
  platform = await startPlatform({ cdkOut: templates.cdkOut });
});
afterAll(async () => {
  await platform?.close();
  templates?.remove();
});

describe('with the object index', () => {
  it('an event takes a third write, and is found by its object without reading others', async () => {
    const before = platform.cloud.dynamodb.counts.get('PutItem') ?? 0;
    const event = await publish(platform, 'customer.created', { id: 'cus_1' });
    await publish(platform, 'customer.created', { id: 'cus_2' });
    await platform.cloud.clock.advance(2000);
    expect((platform.cloud.dynamodb.counts.get('PutItem') ?? 0) - before).toBe(4);
    const { body } = await platform.request('GET', '/v1/events?object_id=cus_1');
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual([event]);
  });
});
