import { parseArgs } from 'node:util';
import { killWhilePublishing } from './kill.ts';

/** npm run sim:kill -- [--events 5000] [--kills 50] [--seed N] */
const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '5000' },
    kills: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const plan = { events: Number(values.events), kills: Number(values.kills), seed: Number(values.seed) };
console.log(`${plan.events} events, ${plan.kills} kills, seed ${plan.seed}`);
const { ledgers, missing, arrivals } = await killWhilePublishing({ ...plan, log: console.log });
for (const { type, statuses } of ledgers) console.log(`${type}: ${JSON.stringify(statuses)}`);
console.log(`${missing.length} events are missing; the webhook endpoint took ${arrivals} in all`);
const agrees = ledgers.every(({ statuses }) => JSON.stringify(statuses) === JSON.stringify({ delivered: plan.events }));
if (!agrees || missing.length > 0) {
  console.error(`The ledger and the receivers do not agree. Again with: npm run sim:kill -- --seed ${plan.seed}`);
  for (const id of missing.slice(0, 10)) console.error(id);
  process.exitCode = 1;
}
