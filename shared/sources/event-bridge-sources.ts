import { setTimeout as sleep } from 'node:timers/promises';
import {
  ConcurrentModificationException,
  CreatePartnerEventSourceCommand,
  DeletePartnerEventSourceCommand,
  DescribeEventSourceCommand,
  ListPartnerEventSourceAccountsCommand,
  ListPartnerEventSourcesCommand,
  type PartnerEventSourceAccount,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
} from '@aws-sdk/client-eventbridge';
import { env } from '../aws/env.ts';
import { eventBridge } from '../aws/eventbridge.ts';
import { logger } from '../telemetry.ts';
import type { SourceLocation } from './location.ts';
import type { Observation } from './source.ts';

export const sourceName = (destinationId: string): string => `${env('PARTNER_NAME')}/${destinationId}`;

/** Partner event sources have ARNs without an account: they are shared with the customer's. */
const sourceArn = ({ name, region }: SourceLocation): string => `arn:aws:events:${region}::event-source/${name}`;

/** AWS has a source of this name that is not the destination's: another partner account's, or for another customer. */
export class SourceNameTaken extends Error {
  override readonly name = 'SourceNameTaken';
}

/** Creates the source; one that exists already is as good, if an earlier try of ours made it. */
export async function createSource(location: SourceLocation): Promise<string> {
  const { name, account, region } = location;
  try {
    const command = new CreatePartnerEventSourceCommand({ Name: name, Account: account });
    const { EventSourceArn } = await patiently(() => eventBridge(region).send(command));
    return EventSourceArn ?? sourceArn(location);
  } catch (error) {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
    if (await isOurs(location)) return sourceArn(location);
    throw new SourceNameTaken(`${name} in ${region} is somebody else's`, { cause: error });
  }
}

/** The partner sees the accounts of his own sources only. */
async function isOurs(location: SourceLocation): Promise<boolean> {
  try {
    return (await findAccountEntry(location)) !== undefined;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return false;
    throw error;
  }
}

/** Deletes the source; a source that is gone already is as good. */
export async function deleteSource({ name, account, region }: SourceLocation): Promise<void> {
  try {
    const command = new DeletePartnerEventSourceCommand({ Name: name, Account: account });
    await patiently(() => eventBridge(region).send(command));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}

/** "There is concurrent modification on a resource": whatever it is, it is over in a moment. */
const CONCURRENT = { tries: 3, pauseMs: 250 };

async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ConcurrentModificationException) || tries === CONCURRENT.tries) throw error;
      await sleep(CONCURRENT.pauseMs * tries);
    }
  }
}

/** A page of the names of all sources that we have in a Region. */
export async function listSources(region: string, NextToken?: string) {
  const NamePrefix = `${env('PARTNER_NAME')}/`;
  const page = await eventBridge(region).send(
    new ListPartnerEventSourcesCommand({ NamePrefix, NextToken, Limit: 100 }),
  );
  const names = (page.PartnerEventSources ?? []).flatMap(({ Name }) => Name ?? []);
  return { names, next: page.NextToken };
}

/**
 * Asks AWS for the source's state. The partner sees it in ListPartnerEventSourceAccounts; DescribeEventSource answers
 * only the account that the source is shared with, so it is used where that is this service's own account.
 */
export async function observeSource(location: SourceLocation): Promise<Observation> {
  try {
    return location.account === env('SERVICE_ACCOUNT_ID') ? await describe(location) : await listAccounts(location);
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return { state: 'GONE' };
    // Whatever else goes wrong (throttled, not authorized, no network) says nothing about the source.
    logger.warn('An event source could not be observed', { ...location, code: awsErrorCode(error) });
    return { state: 'UNREACHABLE' };
  }
}

async function describe({ name, region }: SourceLocation): Promise<Observation> {
  return toObservation(await eventBridge(region).send(new DescribeEventSourceCommand({ Name: name })));
}

async function listAccounts(location: SourceLocation): Promise<Observation> {
  const entry = await findAccountEntry(location);
  return entry ? toObservation(entry) : { state: 'GONE' };
}

/** What AWS says of the source and the customer's account. Throws ResourceNotFoundException where the source is not ours. */
async function findAccountEntry({ name, account, region }: SourceLocation) {
  let NextToken: string | undefined;
  do {
    const page = await eventBridge(region).send(
      new ListPartnerEventSourceAccountsCommand({ EventSourceName: name, NextToken }),
    );
    const entry = page.PartnerEventSourceAccounts?.find(({ Account }) => Account === account);
    if (entry) return entry;
    NextToken = page.NextToken;
  } while (NextToken);
  return undefined;
}

function toObservation({
  State,
  ExpirationTime,
}: Pick<PartnerEventSourceAccount, 'State' | 'ExpirationTime'>): Observation {
  switch (State) {
    case 'ACTIVE':
      return { state: 'ACTIVE' };
    case 'PENDING':
      return { state: 'PENDING', expiresAt: ExpirationTime?.getTime() };
    case 'DELETED':
      return { state: 'GONE' };
    default:
      return { state: 'UNREACHABLE' };
  }
}

/** AWS's error code; the name of whatever else was thrown. */
export const awsErrorCode = (error: unknown): string => (error instanceof Error ? error.name : 'UnknownError');
