import { accountPartition } from '../../../shared/accounts/account.ts';
import type { Limited } from '../../../shared/accounts/rate-limits.ts';
import { ledger } from '../../../shared/aws/table.ts';

/** An account's share of the service, in a mode, of one kind. */
export interface Bucket {
  readonly account: string;
  readonly livemode: boolean;
  readonly limited: Limited;
}

export const bucketName = ({ account, livemode, limited }: Bucket): string =>
  `${accountPartition(account, livemode)}#rate#${limited}`;

/** A counter is of no use after its second. */
const KEPT_SECONDS = 3600;

/** Takes up to so much of what the second has left, by one write. */
export async function takeFromCounter(bucket: Bucket, second: number, asked: number, limit: number): Promise<number> {
  const after = await ledger().change(
    { pk: bucketName(bucket), sk: String(second) },
    {
      expression: 'SET #ttl = :ttl ADD #taken :asked',
      names: { '#ttl': 'ttl', '#taken': 'taken' },
      values: { ':ttl': second + KEPT_SECONDS, ':asked': asked, ':limit': limit },
    },
    'attribute_not_exists(#taken) OR #taken < :limit',
  );
  if (!after) return 0;
  const before = Number(after.taken) - asked;
  return Math.min(asked, limit - before);
}
