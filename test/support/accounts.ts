import { type Platform, UNLIMITED } from './platform.ts';

export interface OwnAccount {
  readonly account: string;
  readonly key: string;
}

/** An account of a test's own, with a secret key in test mode: nobody else's destinations are in its lists. */
export async function createAccount(platform: Platform): Promise<OwnAccount> {
  const { id } = (await platform.admin('accounts', 'create', ...UNLIMITED)) as { id: string };
  const { secret } = (await platform.admin('keys', 'create', '--account', id)) as { secret: string };
  return { account: id, key: secret };
}
