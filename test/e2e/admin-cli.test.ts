import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createActiveDestination, createDestination, publish } from '../support/main-job.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { failEntries } from '../support/retries.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

/** How a command that is refused ends, and what it says. */
async function refusal(...args: string[]): Promise<{ code: number; stderr: string }> {
  const failed = await platform.admin(...args).then(
    (answer) => {
      throw new Error(`It was taken: ${JSON.stringify(answer)}`);
    },
    (error: unknown) => error as { code: number; stderr: string },
  );
  return { code: failed.code, stderr: failed.stderr };
}

const SAYS = 'event-destinations admin: ';

describe('the operator’s CLI', () => {
  it.each([
    [[], 'Say what to do'],
    [['accounts'], "There is no command 'accounts'"],
    [['accounts', 'destroy'], "There is no command 'accounts destroy'"],
    [['accounts', 'show', 'acct_1', 'acct_2'], "'accounts show' takes no further argument: 'acct_2'"],
    [['dead-letters', 'redrive', 'one', 'two'], "'dead-letters redrive' takes no further argument: 'two'"],
    [['rejected', 'list', '7'], "'rejected list' takes no further argument: '7'"],
    [['deliveries', 'pause', '--regoin', 'eu-west-1'], "Unknown option '--regoin'"],
  ])('says what is wrong with %j, and how it is used', async (args, problem) => {
    const { code, stderr } = await refusal(...args);
    expect(code).toBe(2);
    expect(stderr.split('\n\n')[0]).toBe(SAYS + problem);
    expect(stderr).toContain('Usage: npm run admin -- <command>');
  });

  it.each([
    [['accounts', 'show'], '<acct_id> is missing'],
    [['accounts', 'show', 'nobody'], "'nobody' is not an account id: 'acct_' and up to 40 letters and digits"],
    [['accounts', 'show', 'acct_nobody'], 'There is no account acct_nobody'],
    [['accounts', 'connect', 'acct_1ConnectedAccount'], '--platform <acct_id> is missing'],
    [['keys', 'list'], '--account <acct_id> is missing'],
    [['keys', 'revoke', '--account', 'acct_1ConnectedAccount'], '<mk_id> is missing'],
    [['deliveries', 'pause', '--destination', 'ed_test_01M7YRRT80NJV7GN7EHF0W928N'], '--account <acct_id> is missing'],
  ])('says what %j lacks', async (args, problem) => {
    expect(await refusal(...args)).toEqual({ code: 1, stderr: `${SAYS}${problem}\n` });
  });

  it('pauses no Region that does not exist, as if it had', async () => {
    const { code, stderr } = await refusal('deliveries', 'pause', '--region', 'us-east1');
    expect(code).toBe(1);
    expect(stderr).toContain("'us-east1' is no AWS Region, nothing was paused: use one of af-south-1, ");
    expect(await platform.admin('deliveries', 'paused')).toEqual({ all: false, regions: [] });
  });

  it.each([
    ['accounts', 'show', 'acct_1'],
    ['keys', 'list', '--account', 'acct_1'],
    ['deliveries', 'resume', '--all'],
  ])('says that there is no such stage: %s %s', async (...args) => {
    const { code, stderr } = await refusal(...args, '--stage', 'porduction');
    expect(code).toBe(1);
    expect(stderr).toContain("There is no stage 'porduction' in this AWS account and Region");
    expect(stderr).toContain('see --stage');
  });

  it('shows an account in the mode that is asked for, with times that can be read', async () => {
    const { account } = platform.seed;
    await platform.admin('accounts', 'limit', account, '--mode', 'live', '--requests', '7');
    const created = '2026-11-21T10:00:00.000Z';
    expect(await platform.admin('accounts', 'show', account, '--mode', 'live')).toMatchObject({
      livemode: true,
      rate_limits: { requests: 7 },
      created,
    });
    expect(await platform.admin('accounts', 'show', account)).toMatchObject({ livemode: false, created });
    expect(await platform.admin('keys', 'list', '--account', account)).toMatchObject([{ created }, { created }]);
  });

  it('lists the accounts, and the destinations of one', async () => {
    const accounts = (await platform.admin('accounts', 'list')) as { id: string }[];
    expect(accounts.map(({ id }) => id)).toEqual(
      expect.arrayContaining([platform.seed.account, platform.seed.connected_account]),
    );
    const { id, name } = await createDestination(platform);
    const of = ['--account', platform.seed.account] as const;
    expect(await platform.admin('destinations', 'list', ...of)).toMatchObject([{ id, name, status: 'enabled' }]);
    expect(await platform.admin('destinations', 'list', ...of, '--mode', 'live')).toEqual([]);
  });

  it('shows what an operator has done to a destination, and how well it is', async () => {
    const { destination, collector } = await createActiveDestination(platform, { enabled_events: ['admin.failing'] });
    const of = ['--account', platform.seed.account] as const;
    const show = () => platform.admin('destinations', 'show', destination.id, ...of);
    const well = { state: 'closed', failing_since: null, opened: null, next_probe: null };
    expect(await show()).toMatchObject({
      ...{ id: destination.id, status: 'enabled', paused: false, per_second: null, slow: false, circuit_breaker: well },
      event_source: { state: 'ACTIVE', region: 'us-east-1' },
    });
    await platform.admin('deliveries', 'limit', '--destination', destination.id, ...of, '--per-second', '5');
    await platform.admin('deliveries', 'pause', '--all');
    expect(await show()).toMatchObject({ paused: true, per_second: 5 });
    await platform.admin('deliveries', 'resume', '--all');
    const heal = failEntries(platform, destination);
    for (let failures = 0; failures < 3; failures += 1) {
      await publish(platform, 'admin.failing');
      await platform.cloud.clock.advance(90_000);
    }
    heal();
    const time = expect.stringMatching(/^2026-11-2/);
    expect(await show()).toMatchObject({
      circuit_breaker: { state: 'open', failing_since: time, opened: time, next_probe: time },
    });
    expect(await collector.received()).toEqual([]);
    const { code, stderr } = await refusal('destinations', 'show', 'ed_test_01M7YRRT80NJV7GN7EHF0W928N', ...of);
    expect([code, stderr]).toEqual([1, expect.stringContaining('There is no event destination ed_test_')]);
  });
});
