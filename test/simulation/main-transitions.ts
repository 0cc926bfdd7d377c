import { ensureSynthesized } from '../../local/synth.ts';
import { createActiveDestination } from '../support/main-job.ts';
import { startPlatform } from '../support/platform.ts';
import { failEntries, publishMany, retryMachineCounts } from '../support/retries.ts';

const HOUR = 3600_000;
const DAY = 24 * HOUR;

/**
 * npm run sim:transitions -- [COUNT...]: what two days of a dead destination cost in state transitions, by the number of
 * events that fail at it. Fails when two of them differ by more than a tenth.
 */
const counts = process.argv.slice(2).map(Number);
const platform = await startPlatform({ cdkOut: await ensureSynthesized(console.log) });
const costs: number[] = [];
for (const count of counts.length > 0 ? counts : [1, 200, 2000, 20_000]) {
  const type = `payout.failing_${count}`;
  const wants = { enabled_events: [type] };
  const { destination } = await createActiveDestination(platform, wants, 'us-east-1', platform.seed.live_key);
  const heal = failEntries(platform, destination);
  const before = retryMachineCounts(platform);
  await publishMany(platform, { count, type, livemode: true });
  await platform.skip(2 * DAY);
  const after = retryMachineCounts(platform);
  const cost = after.transitions - before.transitions;
  console.log(`${count} failing events: ${cost} transitions, ${after.executions - before.executions} executions`);
  costs.push(cost);
  heal();
  // Past the wake-up after the probe that succeeds: it is no cost of the next destination's.
  await platform.skip(12 * HOUR);
}
await platform.close();
if (Math.max(...costs) > 1.1 * Math.min(...costs)) process.exitCode = 1;
