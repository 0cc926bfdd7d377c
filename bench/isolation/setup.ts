import type { Cloud } from '../../local/cloud.ts';

export interface Target {
  readonly account: string;
  /** The destination's alone. */
  readonly type: string;
  readonly hangs: boolean;
}

const ACCOUNTS = 10;
const EACH = 10;

/**
 * A hundred webhook destinations of ten accounts, each for a type of event of its own. Those that hang are spread evenly, so
 * that every account has some.
 */
export async function createDestinations(cloud: Cloud, receiver: string, share: number): Promise<Target[]> {
  const keys = await createAccounts(cloud);
  const wanted = Array.from({ length: ACCOUNTS * EACH }, (_, index) => {
    const hangs = Math.floor(((index + 1) * share) / 100) > Math.floor((index * share) / 100);
    return { ...keys[index % ACCOUNTS], type: `bench.event_${index}`, hangs, index };
  });
  const create = async ({
    account = '',
    secret = '',
    type,
    hangs,
    index,
  }: (typeof wanted)[number]): Promise<Target> => {
    const response = await fetch(`${cloud.apiUrl}/v2/core/event_destinations`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secret}`,
        'content-type': 'application/json',
        'stripe-version': '2026-10-28.endive',
      },
      body: JSON.stringify({
        name: type,
        type: 'webhook_endpoint',
        event_payload: 'snapshot',
        enabled_events: [type],
        webhook_endpoint: { url: `${receiver}/${hangs ? 'hangs' : 'answers'}/${index}` },
      }),
    });
    if (!response.ok) throw new Error(`Creating a destination answered ${response.status}: ${await response.text()}`);
    return { account, type, hangs };
  };
  // One of each account at a time.
  const targets: Target[] = [];
  for (let first = 0; first < wanted.length; first += ACCOUNTS)
    targets.push(...(await Promise.all(wanted.slice(first, first + ACCOUNTS).map(create))));
  return targets;
}

/** As the operator's CLI does it; here in this process, because ten times two processes take half a minute. */
async function createAccounts(cloud: Cloud): Promise<{ account: string; secret: string }[]> {
  Object.assign(process.env, cloud.serviceEnv, { REGISTRY_TABLE: 'event-destinations-dev-registry' });
  const { createAccount } = await import('../../shared/accounts/account.ts');
  const { issueApiKey, SECRET_KEY_SCOPES } = await import('../../shared/accounts/api-key.ts');
  const { readPepper } = await import('../../shared/accounts/pepper.ts');
  const pepper = await readPepper('event-destinations/dev/api-key-pepper');
  return Promise.all(
    Array.from({ length: ACCOUNTS }, async (_, index) => {
      const account = `acct_1Bench${index}`;
      await createAccount(account, account, Date.now());
      const request = { account, livemode: false, scopes: SECRET_KEY_SCOPES, any_account: false };
      return { account, secret: (await issueApiKey(pepper, request, Date.now())).secret };
    }),
  );
}
