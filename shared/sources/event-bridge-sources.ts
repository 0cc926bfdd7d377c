import {
  CreatePartnerEventSourceCommand,
  DeletePartnerEventSourceCommand,
  DescribeEventSourceCommand,
  ListPartnerEventSourceAccountsCommand,
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

/** Creates the source; when it exists already, an earlier try of ours made it: the name holds the destination's own id. */
export async function createSource(location: SourceLocation): Promise<string> {
  try {
    const { EventSourceArn } = await eventBridge(location.region).send(
      new CreatePartnerEventSourceCommand({ Name: location.name, Account: location.account }),
    );
    return EventSourceArn ?? sourceArn(location);
  } catch (error) {
    if (error instanceof ResourceAlreadyExistsException) return sourceArn(location);
    throw error;
  }
}

/** Deletes the source; a source that is gone already is as good. */
export async function deleteSource(location: SourceLocation): Promise<void> {
  try {
    await eventBridge(location.region).send(
      new DeletePartnerEventSourceCommand({ Name: location.name, Account: location.account }),
    );
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
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

async function listAccounts({ name, account, region }: SourceLocation): Promise<Observation> {
  let NextToken: string | undefined;
  do {
    const page = await eventBridge(region).send(
      new ListPartnerEventSourceAccountsCommand({ EventSourceName: name, NextToken }),
    );
    const entry = page.PartnerEventSourceAccounts?.find(({ Account }) => Account === account);
    if (entry) return toObservation(entry);
    NextToken = page.NextToken;
  } while (NextToken);
  return { state: 'GONE' };
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
