import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

let cdkOut: string;
let platform: Platform;
beforeAll(async () => {
  cdkOut = withObjectIndex();
  platform = await startPlatform({ cdkOut });
});
afterAll(async () => {
  await platform?.close();
  rmSync(cdkOut, { recursive: true, force: true });
});

/** A copy of cdk.out as `-c objectIndex=on` synthesizes it. The bundles are the very same. */
function withObjectIndex(): string {
  const original = resolve('cdk.out');
  const copy = mkdtempSync(join(tmpdir(), 'cdk-out-'));
  for (const name of readdirSync(original)) {
    const [from, to] = [join(original, name), join(copy, name)];
    if (name.startsWith('asset.')) symlinkSync(from, to);
    else if (!name.endsWith('.template.json')) cpSync(from, to, { recursive: true });
    else writeFileSync(to, readFileSync(from, 'utf8').replaceAll(/("OBJECT_INDEX": ?)"off"/g, '$1"on"'));
  }
  return copy;
}

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
