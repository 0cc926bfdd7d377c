import { createHash } from 'node:crypto';
import { ABSENT, type Expression, type Key, recordOf, registry } from '../../aws/table.ts';
import type { DestinationRef } from '../../destinations/destination.ts';
import { confirmedBy, type Echo } from './echo.ts';

/** Found by the destination's id alone: who brings a token back has no key, and names no account. */
const echoKey = (destinationId: string): Key => ({ pk: `echo#${destinationId}`, sk: 'echo' });

interface EchoRecord extends Echo, DestinationRef {}

export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

export async function findEcho(destinationId: string): Promise<EchoRecord | undefined> {
  const item = await registry().get(echoKey(destinationId));
  return item && recordOf<EchoRecord>(item);
}

/** False when it is another one by now. */
export function recordEcho(of: DestinationRef, before: Echo | undefined, after: Echo): Promise<boolean> {
  const { id, account, livemode } = of;
  const condition: Expression = before
    ? { expression: 'revision = :seen', values: { ':seen': before.revision } }
    : ABSENT;
  return registry().put({ ...after, ...echoKey(id), id, account, livemode }, condition);
}

export async function deleteEcho(destinationId: string): Promise<void> {
  await registry().delete(echoKey(destinationId));
}

/** A probe may be sent while one comes back, and two may come back at once. */
const TRIES = 5;

/** Takes a token that came back, once. The destination that it confirms; undefined if it is not good (any more). */
export async function takeToken(
  destinationId: string,
  token: string,
  now: number,
): Promise<DestinationRef | undefined> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const echo = await findEcho(destinationId);
    const after = echo && confirmedBy(echo, hashOf(token), now);
    if (!after) return undefined;
    if (await recordEcho(echo, echo, after)) return echo;
  }
  throw new Error(`The echo of ${destinationId} is changed by too many at once`);
}
