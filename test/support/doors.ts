import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Platform } from './platform.ts';

export type Json = Record<string, unknown>;

/** An event as every door takes it: the type, and the rest of the body. */
export interface Publication {
  readonly account: string;
  readonly type: string;
  readonly content: Json;
}

/** A snapshot event about an object, with all that one may have. */
export const snapshot = (account: string, id: string): Publication => ({
  account,
  type: 'customer.updated',
  content: {
    data: { object: { id, object: 'customer', note: 'a "b" \\ c\n\u{e9}' }, previous_attributes: { note: null } },
    api_version: '2025-08-27.basil',
    request: { id: 'req_1', idempotency_key: 'key_1' },
  },
});

/** A thin event about an object, with all that one may have. */
export const thin = (account: string, id: string): Publication => ({
  account,
  type: 'v1.customer.updated',
  content: {
    related_object: { id, type: 'customer', url: `/v1/customers/${id}` },
    data: { note: 'fetched' },
    changes: { before: { note: null }, after: { note: 'fetched' } },
    reason: { type: 'request', request: { id: 'req_1', idempotency_key: null } },
  },
});

/** The form of events on the bus and in the queue. */
export const detailOf = ({ account, content }: Publication): Json => ({ account, livemode: false, ...content });
export const messageOf = (publication: Publication): Json => ({
  'detail-type': publication.type,
  detail: detailOf(publication),
});

export const DOORS = [
  'the HTTPS API',
  'PutEvents on the ingest bus',
  'SendMessageBatch into the events queue',
] as const;
export type Door = (typeof DOORS)[number];

/** The ways in, for a producer in the service's own account. */
export class Doors {
  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  async publish(door: Door, publication: Publication): Promise<void> {
    switch (door) {
      case 'the HTTPS API':
        return this.#post(publication);
      case 'PutEvents on the ingest bus':
        return this.putEvent(publication.type, detailOf(publication));
      case 'SendMessageBatch into the events queue':
        await this.sendMessages(messageOf(publication));
    }
  }

  async #post({ account, type, content }: Publication): Promise<void> {
    const path = type.startsWith('v1.') ? '/v2/core/events' : '/v1/events';
    const { request, seed } = this.#platform;
    const headers = { 'stripe-context': account };
    const { status } = await request('POST', path, { key: seed.publish_key, body: { type, ...content }, headers });
    if (status !== 200) throw new Error(`Publishing answered ${status}`);
  }

  async putEvent(DetailType: string, detail: Json): Promise<void> {
    const entry = { EventBusName: this.#ingest('IngestBusName'), Source: 'example.billing', DetailType };
    const Entries = [{ ...entry, Detail: JSON.stringify(detail) }];
    const { FailedEntryCount } = await new EventBridgeClient(this.#access()).send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount !== 0) throw new Error('The ingest bus did not take the event');
  }

  /** The ids of the messages. */
  async sendMessages(...messages: (string | object)[]): Promise<(string | undefined)[]> {
    const sqs = new SQSClient(this.#access());
    const ids: (string | undefined)[] = [];
    for (let start = 0; start < messages.length; start += 10) {
      const Entries = messages.slice(start, start + 10).map((message, index) => ({
        Id: `${index}`,
        MessageBody: typeof message === 'string' ? message : JSON.stringify(message),
      }));
      const command = new SendMessageBatchCommand({ QueueUrl: this.#ingest('EventsQueueUrl'), Entries });
      const { Successful = [] } = await sqs.send(command);
      if (Successful.length !== Entries.length) throw new Error('The events queue did not take all messages');
      const byEntry = new Map(Successful.map(({ Id, MessageId }) => [Id, MessageId]));
      ids.push(...Entries.map(({ Id }) => byEntry.get(Id)));
    }
    return ids;
  }

  #ingest(output: string): string {
    return this.#platform.cloud.outputs['event-destinations-dev-ingest']?.[output] ?? '';
  }

  #access() {
    const credentials = { accessKeyId: '000000000000', secretAccessKey: 'local' };
    return { region: 'us-east-1', endpoint: this.#platform.cloud.awsUrl, credentials };
  }
}
