import type { AwsError } from '../../local/aws-error.ts';
import { type EventDestination, sourceOf } from './main-job.ts';
import type { Platform } from './platform.ts';

/** The event source of a destination as the API shows it. */
export interface ShownSource {
  readonly status: string;
  readonly last_known_status: string;
  readonly since: string;
  readonly expires_at: string | null;
  readonly last_checked: string;
  readonly last_confirmed_active: string | null;
  readonly returning: { readonly from: string; readonly until: string } | null;
  readonly history: readonly { readonly status: string; readonly at: string; readonly cause: string }[];
}

export async function eventSourceOf(platform: Platform, destination: string, key?: string): Promise<ShownSource> {
  const path = `/v2/core/event_destinations/${destination}/event_source`;
  const { status, body } = await platform.request('GET', path, key ? { key } : {});
  if (status !== 200) throw new Error(`The event source answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

/** Status and cause of each change, the oldest first. */
export const historyOf = ({ history }: ShownSource): string[][] =>
  history.toReversed().map(({ status, cause }) => [status, cause]);

export interface AboutDestination {
  readonly id: string;
  readonly type: string;
  readonly created: string;
  readonly related_object: { readonly id: string; readonly type: string; readonly url: string };
  // biome-ignore lint/suspicious/noExplicitAny: an event's data is looked into as the test expects it to be
  readonly data: any;
}

/** The events about a destination, the oldest first. */
export async function eventsAbout(platform: Platform, destination: string, key?: string): Promise<AboutDestination[]> {
  const path = `/v2/core/events?object_id=${destination}&limit=100`;
  const { body } = await platform.request('GET', path, key ? { key } : {});
  return body.data.toReversed();
}

/** AWS answers a call in a Region only by this error, until what it returns is called. */
export const failCallsIn = (platform: Platform, region: string, operation: string, error: AwsError): (() => void) =>
  platform.cloud.eventbridge.faults.injectFault({ operation, region, error });

/** As if the partner, or AWS, had deleted it. */
export const deleteAtAws = ({ cloud, seed }: Platform, destination: EventDestination) =>
  cloud.eventbridge.handle(
    'DeletePartnerEventSource',
    { Name: sourceOf(destination), Account: seed.customer_account_id },
    { account: '000000000000', region: 'us-east-1' },
  );
