import { isRecord } from '../../local/fields.ts';
import type { Invocation } from '../../local/lambda/lambda.ts';
import type { LogLine } from '../../local/lambda/sandbox.ts';
import type { Handle } from '../../local/wire/aws-port.ts';
import { asked, type Indexes, unitsOf, unitsOfRefused } from './dynamodb-units.ts';
import type { Billed } from './prices.ts';
import { Usage } from './usage.ts';
import { Waits } from './waits.ts';

/** A vCPU comes with this much memory; a function with less has a part of one. */
const MB_PER_VCPU = 1769;
/** SQS bills a request for each 64 KB of what it carries. */
const SQS_CHUNK_BYTES = 64 * 1024;
/** What CloudWatch Logs adds to each line. */
const LOG_LINE_BYTES = 26;

/** What a function's invocations took, for whoever wants to make it less. */
interface FunctionUse {
  readonly count: number;
  readonly cpuMs: number;
  readonly waitedMs: number;
  readonly calls: Usage;
}

/** Counts what the functions' calls and lines cost. Lambda itself and the pollers' requests are counted from its counts. */
export class Meter {
  readonly usage = new Usage();
  readonly #waits = new Waits();
  /** Off while a benchmark sets up. */
  on = false;
  readonly invocations = new Map<string, FunctionUse>();
  readonly #calls = new Map<string, Usage>();
  /** Filled once the templates are known. */
  indexes: Indexes = new Map();
  memoryMb: ReadonlyMap<string, number> = new Map();

  readonly around =
    (service: string, handle: Handle): Handle =>
    async (operation, input, caller) => {
      if (!this.on || !isRecord(input)) return handle(operation, input, caller);
      const count = (what: Billed, amount: number) => this.#count(caller.traceId, what, amount);
      return this.#waits.during(service, caller.traceId, () =>
        counted({ service, operation, input, count, indexes: this.indexes }, (asked) =>
          handle(operation, asked, caller),
        ),
      );
    };

  /** AWS bills the run, rounded up to a millisecond; the first of a sandbox, its init too, is one in many thousands. */
  readonly onInvocation = ({ functionName, cpuMs, traceId }: Invocation): void => {
    const waitedMs = this.#waits.take(traceId);
    if (!this.on) return;
    const memory = this.memoryMb.get(functionName) ?? 128;
    const billedMs = Math.ceil(waitedMs + cpuMs * Math.max(1, MB_PER_VCPU / memory));
    this.usage.add('Lambda requests', 1);
    this.usage.add('Lambda GB-seconds', (billedMs / 1000) * (memory / 1024));
    const of = this.invocations.get(functionName) ?? { count: 0, cpuMs: 0, waitedMs: 0, calls: new Usage() };
    this.invocations.set(functionName, {
      count: of.count + 1,
      cpuMs: of.cpuMs + cpuMs,
      waitedMs: of.waitedMs + waitedMs,
      calls: of.calls.plus(this.#calls.get(traceId) ?? new Usage()),
    });
    this.#calls.delete(traceId);
  };

  readonly functionLog = ({ line }: LogLine): void => {
    if (this.on) this.usage.add('CloudWatch Logs GB', (Buffer.byteLength(line) + LOG_LINE_BYTES) / 1e9);
  };

  #count(traceId: string | undefined, what: Billed, amount: number): void {
    this.usage.add(what, amount);
    if (traceId === undefined) return;
    const calls = this.#calls.get(traceId) ?? new Usage();
    this.#calls.set(traceId, calls);
    calls.add(what, amount);
  }
}

type Count = (what: Billed, amount: number) => void;
type Forward = (input: Record<string, unknown>) => Promise<unknown>;

interface Call {
  readonly service: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly count: Count;
  readonly indexes: Indexes;
}

function counted(call: Call, forward: Forward): Promise<unknown> {
  const { service, operation, input, count } = call;
  switch (service) {
    case 'DynamoDB_20120810':
      return dynamoDb(call, forward);
    case 'AmazonSQS':
      countSqs(count, bytesOf(input));
      break;
    case 'AWSEvents':
      // PutPartnerEvents costs the partner nothing, as far as AWS's pages say.
      if (operation === 'PutEvents') count('EventBridge custom events', eventChunks(input));
      break;
    case 'secretsmanager':
      count('Secrets Manager requests', 1);
      break;
    case 'TrentService':
      count('KMS requests', 1);
      break;
  }
  return forward(input);
}

/** Requests on a fair queue: the surcharge is counted for each of them, sends, receives and deletes. */
export function countSqs(count: Count, bytes: number, requests = 1): void {
  const billed = requests * Math.max(1, Math.ceil(bytes / SQS_CHUNK_BYTES));
  count('SQS requests', billed);
  count('SQS fair queues', billed);
}

async function dynamoDb({ operation, input, count, indexes }: Call, forward: Forward): Promise<unknown> {
  const add = ({ writes, reads }: ReturnType<typeof unitsOf>) => {
    count('DynamoDB writes', writes);
    count('DynamoDB reads', reads);
  };
  try {
    const output = await forward(asked(operation, input));
    add(unitsOf(operation, input, output, indexes));
    return withoutOld(input, output);
  } catch (error) {
    add(unitsOfRefused(operation, input));
    throw error;
  }
}

/** The caller gets what it asked for. */
function withoutOld(input: Record<string, unknown>, output: unknown): unknown {
  if (!isRecord(output) || input.ReturnValues !== undefined) return output;
  const { Attributes: _attributes, ConsumedCapacity: _capacity, ...rest } = output;
  return rest;
}

const bytesOf = (input: Record<string, unknown>): number => {
  const entries: unknown[] = Array.isArray(input.Entries) ? input.Entries : [input];
  return entries.reduce<number>(
    (sum, entry) => sum + (isRecord(entry) ? Buffer.byteLength(String(entry.MessageBody ?? '')) : 0),
    0,
  );
};

const eventChunks = (input: Record<string, unknown>): number => {
  const entries: unknown[] = Array.isArray(input.Entries) ? input.Entries : [];
  return entries.reduce<number>(
    (sum, entry) => sum + Math.max(1, Math.ceil(Buffer.byteLength(JSON.stringify(entry)) / SQS_CHUNK_BYTES)),
    0,
  );
};
