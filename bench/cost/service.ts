import { isRecord } from '../../local/fields.ts';
import { ensureSynthesized } from '../../local/synth.ts';
import { type Platform, startPlatform } from '../../test/support/platform.ts';
import { Meter } from './meter.ts';
import { readTemplates, type Template } from './templates.ts';
import { Usage } from './usage.ts';

/** ReceiveMessage and DeleteMessageBatch take ten. */
const MAX_BATCH = 10;

/** A producer's part of an event by the queue door: a batch of as many as a receive brings. */
export function producersPart(fill: number): Usage {
  const used = new Usage();
  used.add('SQS requests', 1 / fill);
  used.add('SQS fair queues', 1 / fill);
  return used;
}

/** The service under the meter, in the embedded cloud under virtual time. */
export class MeteredService {
  readonly platform: Platform;
  readonly meter: Meter;
  readonly template: Template;
  /** Messages that a receive of a real mapping brings. */
  readonly fill: number;

  private constructor(platform: Platform, meter: Meter, template: Template, fill: number) {
    this.platform = platform;
    this.meter = meter;
    this.template = template;
    this.fill = fill;
  }

  static async start(fill: number): Promise<MeteredService> {
    const meter = new Meter();
    const cdkOut = await ensureSynthesized(console.log);
    const platform = await startPlatform({
      cdkOut,
      around: meter.around,
      functionLog: meter.functionLog,
      onInvocation: meter.onInvocation,
      sockets: true,
    });
    const template = readTemplates(cdkOut, platform.cloud.awsUrl);
    meter.indexes = template.indexes;
    meter.memoryMb = template.memoryMb;
    return new MeteredService(platform, meter, template, fill);
  }

  /** What the work used, all of it: calls, lines, functions, pollers, state machines, and what it left in the tables. */
  async use(work: () => Promise<void>): Promise<Usage> {
    const { usage } = this.meter;
    const before = { usage: usage.copy(), counted: this.#counted(), bytes: await this.#storedBytes() };
    this.meter.on = true;
    await work();
    this.meter.on = false;
    const bytes = (await this.#storedBytes()) - before.bytes;
    const used = usage.since(before.usage).plus(this.#counted().since(before.counted));
    used.add('DynamoDB storage', (bytes / 1e9) * (this.#keptDays() / 30));
    return used;
  }

  /** What is not a call: it only ever grows, so that a difference says what the work took. */
  #counted(): Usage {
    const used = new Usage();
    for (const mapping of this.template.mappings) this.#countPoller(mapping, used);
    used.add('Step Functions transitions', this.#transitions());
    return used;
  }

  /** The embedded poller is not AWS's: a receive is taken to bring `fill` messages, a delete as many as a batch had. */
  #countPoller({ queueArn, functionName }: Template['mappings'][number], used: Usage): void {
    const queue = this.platform.cloud.sqs.queue(queueArn);
    if (!queue) return;
    const { received, deleted } = queue.counts;
    const { invocations = 0 } = this.platform.cloud.lambda.counts.get(functionName) ?? {};
    const perBatch = Math.min(MAX_BATCH, Math.max(1, received / Math.max(1, invocations)));
    const requests = received / this.fill + deleted / perBatch;
    used.add('SQS requests', requests);
    used.add('SQS fair queues', requests);
  }

  #transitions(): number {
    const { stepFunctions } = this.platform.cloud;
    const arn = 'arn:aws:states:us-east-1:000000000000:stateMachine:event-destinations-dev-retry';
    return stepFunctions?.counts(arn).transitions ?? 0;
  }

  /** Items are deleted five days after they can be read no longer. */
  #keptDays(): number {
    return 30 + 5;
  }

  async #storedBytes(): Promise<number> {
    let bytes = 0;
    for (const TableName of this.template.indexes.keys()) {
      let start: unknown;
      do {
        const page = await this.platform.cloud.dynamodb.call('Scan', { TableName, ExclusiveStartKey: start });
        if (!isRecord(page)) break;
        for (const item of Array.isArray(page.Items) ? page.Items : []) bytes += storedBytes(item);
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
    }
    return bytes;
  }
}

/** DynamoDB adds 100 bytes to each item for its index; entries of other indexes are few and small. */
const ITEM_OVERHEAD_BYTES = 100;

const storedBytes = (item: unknown): number => ITEM_OVERHEAD_BYTES + attributesBytes(item);

function attributesBytes(item: unknown): number {
  if (!isRecord(item)) return 0;
  return Object.entries(item).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + valueBytes(value), 0);
}

function valueBytes(value: unknown): number {
  if (!isRecord(value)) return 0;
  if (typeof value.S === 'string') return Buffer.byteLength(value.S);
  if (typeof value.N === 'string') return Math.ceil(value.N.length / 2) + 1;
  if (typeof value.B === 'string') return Buffer.from(value.B, 'base64').length;
  if (Array.isArray(value.L)) return 3 + value.L.reduce((sum: number, one: unknown) => sum + 1 + valueBytes(one), 0);
  if (isRecord(value.M)) return 3 + attributesBytes(value.M) + Object.keys(value.M).length;
  return 1;
}
