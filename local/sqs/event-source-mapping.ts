import type { SQSRecord } from 'aws-lambda';
import { AwsError } from '../aws-error.ts';
import type { Clock, TimerHandle } from '../clock.ts';
import { failedMessages } from './batch-response.ts';
import type { Inflight } from './fauxqs.ts';
import type { Queue } from './queue.ts';
import { sqsRecord } from './sqs-event.ts';

export interface MappingConfig {
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
  /** Batches at a time. */
  readonly concurrency: number;
}

type Outcome = { readonly payload: unknown; readonly functionError?: string | undefined };

export interface MappingParts {
  readonly clock: Clock;
  readonly queue: Queue;
  readonly invoke: (functionName: string, payload: { Records: SQSRecord[] }) => Promise<Outcome>;
  readonly deadLetters: (arn: string) => Queue | undefined;
  readonly log: (line: string) => void;
}

/** ReceiveMessage gives at most ten. */
const MAX_RECEIVE = 10;
/** Lambda's limit of an invocation's payload is 6 MB; what a record needs beside the body is left room for. */
const MAX_BATCH_BYTES = 6 * 1024 * 1024 - 64 * 1024;
const RECORD_OVERHEAD_BYTES = 1_024;
/** A throttled invocation is tried again, ever more slowly, while its messages stay invisible. */
const THROTTLE_BACKOFF = { firstMs: 1_000, longestMs: 60_000 } as const;

/**
 * Lambda's poller for one queue and function.
 *
 *   messages become visible -> gathering   received, and kept until the batch is full or its window has passed
 *   gathering -> running                   the function is invoked with the batch
 *   running   -> deleted                   the messages that succeeded
 *   running   -> left in flight            the others: visible again when their visibility time-out ends
 *   running   -> running, later            throttled: the same batch, while it is still invisible
 *
 * One turn of the event loop lies between a message that becomes visible and the receive, so that what is sent together
 * is received together. That turn and the invocation are tracked; the window and the back-off are virtual time.
 */
export class EventSourceMapping {
  readonly #config: MappingConfig;
  readonly #parts: MappingParts;
  #gathered: Inflight[] = [];
  #window: TimerHandle | undefined;
  #windowPassed = false;
  #running = 0;
  #awake = false;
  #closed = false;

  constructor(config: MappingConfig, parts: MappingParts) {
    this.#config = config;
    this.#parts = parts;
    parts.queue.onVisible(() => this.#wake());
    // What was kept from the last run is there already.
    this.#wake();
  }

  /** Takes no more messages, and gives back those that it only gathered. */
  close(): void {
    this.#closed = true;
    this.#parts.clock.clearTimeout(this.#window);
    for (const { receiptHandle } of this.#gathered.splice(0)) this.#parts.queue.changeVisibility(receiptHandle, 0);
  }

  #wake(): void {
    if (this.#awake || this.#closed) return;
    this.#awake = true;
    const turn = new Promise<void>((resolve) => {
      setImmediate(() => {
        this.#awake = false;
        resolve();
        try {
          this.#poll();
        } catch (error) {
          this.#parts.log(`${this.#config.functionName}: ${error instanceof Error ? error.message : String(error)}`);
        }
      });
    });
    void this.#parts.clock.track(turn);
  }

  #poll(): void {
    while (!this.#closed && this.#running < this.#config.concurrency) {
      this.#gather();
      if (this.#gathered.length === 0) return;
      const ready = this.#gathered.length >= this.#config.batchSize || this.#windowPassed || this.#overBytes();
      if (!ready && this.#config.windowSeconds > 0) {
        this.#openWindow();
        return;
      }
      this.#start();
    }
  }

  #gather(): void {
    const { queue, deadLetters } = this.#parts;
    while (this.#gathered.length < this.#config.batchSize) {
      const wanted = Math.min(MAX_RECEIVE, this.#config.batchSize - this.#gathered.length);
      const before = queue.counts.deadLettered;
      const received = queue.dequeue(wanted, undefined, deadLetters);
      this.#gathered.push(...received.flatMap(({ ReceiptHandle }) => queue.inflightMessages.get(ReceiptHandle) ?? []));
      // A receive that only moved messages to the dead-letter queue says nothing about those behind them.
      if (received.length === 0 && queue.counts.deadLettered === before) return;
    }
  }

  #openWindow(): void {
    this.#window ??= this.#parts.clock.setTimeout(() => {
      this.#window = undefined;
      this.#windowPassed = true;
      this.#wake();
    }, this.#config.windowSeconds * 1000);
  }

  #overBytes(): boolean {
    return this.#fitting() < this.#gathered.length;
  }

  /** How many of the gathered messages fit into one invocation. */
  #fitting(): number {
    let bytes = 0;
    const tooMany = this.#gathered.findIndex(({ message }) => {
      // As it stands in the payload, with its quotes and backslashes escaped.
      bytes += Buffer.byteLength(JSON.stringify(message.body)) + RECORD_OVERHEAD_BYTES;
      return bytes > MAX_BATCH_BYTES;
    });
    return tooMany < 0 ? this.#gathered.length : Math.max(1, tooMany);
  }

  #start(): void {
    const batch = this.#gathered.splice(0, this.#fitting());
    this.#parts.clock.clearTimeout(this.#window);
    this.#window = undefined;
    this.#windowPassed = false;
    this.#running += 1;
    void this.#parts.clock.track(this.#attempt(batch, THROTTLE_BACKOFF.firstMs));
  }

  async #attempt(batch: readonly Inflight[], backoffMs: number): Promise<void> {
    const { clock, queue, invoke, log } = this.#parts;
    const { functionName } = this.#config;
    try {
      const outcome = await invoke(functionName, { Records: batch.map((entry) => sqsRecord(queue, entry)) });
      this.#settle(batch, outcome);
    } catch (error) {
      const invisibleUntil = Math.min(...batch.map(({ visibilityDeadline }) => visibilityDeadline));
      const throttled = error instanceof AwsError && error.code === 'TooManyRequestsException';
      if (throttled && !this.#closed && clock.now() + backoffMs < invisibleUntil) {
        const longer = Math.min(backoffMs * 2, THROTTLE_BACKOFF.longestMs);
        clock.setTimeout(() => void clock.track(this.#attempt(batch, longer)), backoffMs);
        return;
      }
      if (!this.#closed) log(`${functionName}: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#running -= 1;
    this.#wake();
  }

  #settle(batch: readonly Inflight[], { payload, functionError }: Outcome): void {
    if (functionError !== undefined || this.#closed) return;
    const ids = batch.map(({ message }) => message.messageId);
    const failed = this.#config.reportsFailures ? failedMessages(payload, ids) : new Set();
    const { queue } = this.#parts;
    queue.transaction(() => {
      for (const { message, receiptHandle } of batch) {
        if (!failed.has(message.messageId)) queue.deleteMessage(receiptHandle);
      }
      return true;
    });
  }
}
