import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQSRecord } from 'aws-lambda';
import { onTestFinished } from 'vitest';
import { Clock } from '../../../../local/clock.ts';
import { EventSourceMapping, type MappingConfig } from '../../../../local/sqs/event-source-mapping.ts';
import { Sqs } from '../../../../local/sqs/sqs.ts';

export const START = Date.UTC(2026, 0, 1);
export const SERVICE = { account: '000000000000', region: 'us-east-1' };
export const arn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

type Outcome = { payload: unknown; functionError?: string };

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'embedded-sqs-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function openSqs(options: { dataDir?: string } = {}) {
  const clock = new Clock({ frozenAt: START });
  const sqs = await Sqs.open({ clock, awsUrl: 'http://127.0.0.1:4566', dataDir: options.dataDir });
  const close = () => {
    sqs.close();
    clock.close();
  };
  onTestFinished(close);
  return { clock, sqs };
}

/** One invocation as the function saw it. */
interface Seen {
  readonly atSecond: number;
  readonly bodies: string[];
  readonly records: SQSRecord[];
}

/** A queue with a mapping to a function that answers what `respond` says. */
export async function startMapping(
  config: Partial<MappingConfig> = {},
  attributes: Record<string, string> = {},
  name = attributes.FifoQueue ? 'work.fifo' : 'work',
) {
  const { clock, sqs } = await openSqs();
  const queue = sqs.declare(arn(name), { VisibilityTimeout: '30', ...attributes });
  const seen: Seen[] = [];
  const logged: string[] = [];
  const state: { respond: (records: SQSRecord[]) => Outcome | Promise<Outcome> } = {
    respond: () => ({ payload: null }),
  };
  const mapping = new EventSourceMapping(
    { functionName: 'worker', batchSize: 10, windowSeconds: 0, reportsFailures: true, concurrency: 10, ...config },
    {
      clock,
      queue,
      deadLetters: (target) => sqs.queue(target),
      log: (line) => logged.push(line),
      async invoke(_name, { Records }) {
        const atSecond = (clock.now() - START) / 1000;
        seen.push({ atSecond, bodies: Records.map(({ body }) => body), records: Records });
        return state.respond(Records);
      },
    },
  );
  onTestFinished(() => mapping.close());
  const send = (body: string, more: Record<string, unknown> = {}) =>
    sqs.handle('SendMessage', { QueueUrl: queue.url, MessageBody: body, ...more }, SERVICE);
  const sendAll = async (bodies: readonly string[], groupId?: string) => {
    for (let from = 0; from < bodies.length; from += 10) {
      const Entries = bodies.slice(from, from + 10).map((MessageBody, index) => ({
        Id: String(index),
        MessageBody,
        ...(groupId !== undefined && { MessageGroupId: groupId }),
        ...(queue.isFifo() && { MessageDeduplicationId: MessageBody }),
      }));
      await sqs.handle('SendMessageBatch', { QueueUrl: queue.url, Entries }, SERVICE);
    }
  };
  return { clock, sqs, queue, mapping, seen, logged, state, send, sendAll };
}

export const numbered = (count: number, prefix = 'm'): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

export const count = (queue: { getAttribute(name: string): string | undefined }, name: string): number =>
  Number(queue.getAttribute(`ApproximateNumberOfMessages${name}`));
