import { expect, it, vi } from 'vitest';
import { killWhilePublishing } from './kill.ts';

vi.setConfig({ testTimeout: 600_000 });

it('delivers every event, and says so in the ledger, although the whole service is killed at random moments', async () => {
  const lines: string[] = [];
  const plan = { events: 200, kills: 3, seed: 20 };
  const { ledgers, missing } = await killWhilePublishing({ ...plan, log: (line) => lines.push(line) });
  expect(lines).toHaveLength(3);
  expect(missing).toEqual([]);
  expect(ledgers).toEqual([
    { type: 'amazon_eventbridge', statuses: { delivered: 200 } },
    { type: 'webhook_endpoint', statuses: { delivered: 200 } },
  ]);
});
