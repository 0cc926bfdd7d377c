import { connectAccount, createAccount } from '../../shared/accounts/account.ts';
import { issueApiKey, PUBLISHING_KEY_SCOPES, SECRET_KEY_SCOPES } from '../../shared/accounts/api-key.ts';
import type { RateLimits } from '../../shared/accounts/rate-limits.ts';

const PLATFORM = 'acct_1EmbeddedPlatform';
const CONNECTED = 'acct_1ConnectedAccount';

/** What `npm start` begins with: an account with keys of every kind, and an account connected to it. */
export async function seed(pepper: string, rateLimits: Partial<RateLimits>) {
  const now = Date.now();
  await createAccount(PLATFORM, 'Embedded platform', now, rateLimits);
  await createAccount(CONNECTED, 'Connected account', now, rateLimits);
  await connectAccount(CONNECTED, PLATFORM);
  const issue = async (livemode: boolean, publishes: boolean) => {
    const scopes = publishes ? PUBLISHING_KEY_SCOPES : SECRET_KEY_SCOPES;
    return (await issueApiKey(pepper, { account: PLATFORM, livemode, scopes, any_account: false }, now)).secret;
  };
  return {
    account: PLATFORM,
    connected_account: CONNECTED,
    test_key: await issue(false, false),
    live_key: await issue(true, false),
    publish_key: await issue(false, true),
    publish_live_key: await issue(true, true),
    customer_account_id: '123456789012',
  };
}
