import { AwsError } from '../aws-error.ts';
import { Backlog } from './backlog.ts';
import { type FauxqsQueue, type Inflight, type Message, SqsQueue } from './fauxqs.ts';

/** Requests and messages of a queue, as AWS would bill and count them. */
export interface QueueCounts {
  sent: number;
  received: number;
  deleted: number;
  /** Moved to the dead-letter queue. */
  deadLettered: number;
}

/** From the receive on, in seconds. */
const MAX_VISIBILITY = 43_200;

/** What a send says beside the message and fauxqs would drop: kept by the message's own attributes object. */
export interface Stamp {
  readonly groupId?: string;
  readonly senderId: string;
}

/**
 * A queue of fauxqs that also
 * - picks fairly among message groups: fauxqs' own list of visible messages only holds what is about to be received;
 * - says when something of it falls due, and tells who listens that messages became visible;
 * - deletes what is older than its retention period;
 * - hides no message for longer than SQS does from its receive on, however often it is asked to.
 */
export class Queue extends SqsQueue {
  readonly counts: QueueCounts = { sent: 0, received: 0, deleted: 0, deadLettered: 0 };
  readonly #backlog = new Backlog();
  readonly #listeners = new Set<() => void>();
  readonly #stamps = new WeakMap<object, Stamp>();
  readonly #receivedAt = new WeakMap<Inflight, number>();
  /** No delay and no visibility time-out ends before this instant; the next one may be later. */
  #due = Number.POSITIVE_INFINITY;

  get shortName(): string {
    return this.arn.split(':').at(-1) ?? this.arn;
  }

  /** Called, synchronously, when messages became visible or a message group was unlocked. */
  onVisible(listener: () => void): void {
    this.#listeners.add(listener);
  }

  stamp(attributes: object, stamp: Stamp): void {
    this.#stamps.set(attributes, stamp);
  }

  senderOf(message: Message): string {
    return this.#stamps.get(message.messageAttributes)?.senderId ?? this.arn.split(':')[4] ?? '';
  }

  nextDue(): number {
    return this.#due;
  }

  /** Called by whoever loaded messages behind the queue's back. */
  recomputeDue(): void {
    this.#due = this.#earliest();
  }

  /** When the oldest message was sent that is visible or being worked on, ms. */
  oldestSentAt(): number | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    const visible = [this.messages, this.#backlog, ...this.fifoMessages.values()];
    for (const messages of visible) for (const { sentTimestamp } of messages) oldest = Math.min(oldest, sentTimestamp);
    for (const { message } of this.inflightMessages.values()) oldest = Math.min(oldest, message.sentTimestamp);
    return Number.isFinite(oldest) ? oldest : undefined;
  }

  override enqueue(message: Message): void {
    const groupId = this.#stamps.get(message.messageAttributes)?.groupId;
    if (groupId !== undefined) message.messageGroupId = groupId;
    this.counts.sent += 1;
    this.#due = Math.min(this.#due, message.delayUntil ?? this.#due);
    super.enqueue(message);
  }

  override dequeue(max: number, visibility: number | undefined, deadLetters: (arn: string) => FauxqsQueue | undefined) {
    this.processTimers();
    this.#due = Math.min(this.#due, Date.now() + (visibility ?? Number(this.attributes.VisibilityTimeout)) * 1000);
    const receive = () => {
      if (!this.isFifo()) this.#serveFairly(Math.min(max, 10));
      const deadLettered = (arn: string) => {
        const target = deadLetters(arn);
        if (target) this.counts.deadLettered += 1;
        return target;
      };
      return super.dequeue(max, visibility, deadLettered);
    };
    const received = this.transaction(receive);
    this.counts.received += received.length;
    const inflight = received.flatMap(({ ReceiptHandle }) => this.inflightMessages.get(ReceiptHandle) ?? []);
    for (const entry of inflight) this.#receivedAt.set(entry, Date.now());
    this.#rotateGroups(inflight);
    return received;
  }

  override deleteMessage(receiptHandle: string): boolean {
    const deleted = super.deleteMessage(receiptHandle);
    if (deleted) this.counts.deleted += 1;
    return deleted;
  }

  override changeVisibility(receiptHandle: string, seconds: number): void {
    const entry = this.inflightMessages.get(receiptHandle);
    const receivedAt = entry && this.#receivedAt.get(entry);
    if (receivedAt !== undefined && Date.now() + seconds * 1000 > receivedAt + MAX_VISIBILITY * 1000) {
      const reason = `Total VisibilityTimeout for the message is beyond the limit [${MAX_VISIBILITY} seconds]`;
      throw new AwsError('InvalidParameterValue', `VisibilityTimeout ${seconds} is invalid. Reason: ${reason}`);
    }
    this.#due = Math.min(this.#due, Date.now() + seconds * 1000);
    super.changeVisibility(receiptHandle, seconds);
  }

  override processTimers(): void {
    if (Date.now() < this.#due) return;
    super.processTimers();
    this.recomputeDue();
  }

  override notifyWaiters(): void {
    super.notifyWaiters();
    for (const listener of this.#listeners) listener();
  }

  override getAttribute(name: string): string | undefined {
    const value = super.getAttribute(name);
    return name === 'ApproximateNumberOfMessages' ? String(Number(value) + this.#backlog.size) : value;
  }

  override purge(): void {
    this.#backlog.clear();
    super.purge();
  }

  /** SQS deletes a message when its retention period is over, whatever its state. */
  deleteExpired(): void {
    const oldest = Date.now() - Number(this.attributes.MessageRetentionPeriod) * 1000;
    const keep = (message: Message) => {
      if (message.sentTimestamp > oldest) return true;
      this.persistence?.deleteMessage(message.messageId);
      return false;
    };
    for (const message of [...this.#backlog]) this.messages.push(message);
    this.#backlog.clear();
    this.messages = this.messages.filter(keep);
    this.delayedMessages = this.delayedMessages.filter(keep);
    for (const groups of [this.fifoMessages, this.fifoDelayed]) {
      for (const [id, messages] of groups) groups.set(id, messages.filter(keep));
    }
    for (const [handle, { message }] of this.inflightMessages) if (!keep(message)) this.deleteMessage(handle);
  }

  /** Several writes as one, where messages are kept in a file: faster, and a crash cannot come between them. */
  transaction<T>(work: () => T): T {
    const { persistence } = this;
    if (!persistence) return work();
    const results: T[] = [];
    persistence.transaction(() => results.push(work()));
    const [result] = results;
    if (result === undefined) throw new Error('The transaction was not run');
    return result;
  }

  #serveFairly(count: number): void {
    for (const message of this.messages.splice(0)) this.#backlog.add(message);
    this.messages.push(...this.#backlog.take(count));
  }

  /** fauxqs serves FIFO groups in the order in which it met them: those just served go to the end. */
  #rotateGroups(served: readonly Inflight[]): void {
    if (!this.isFifo()) return;
    for (const { message } of served) {
      const id = message.messageGroupId ?? '';
      const waiting = this.fifoMessages.get(id);
      if (waiting && this.fifoMessages.delete(id)) this.fifoMessages.set(id, waiting);
    }
  }

  #earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    const delayed = [this.delayedMessages, ...this.fifoDelayed.values()];
    for (const messages of delayed)
      for (const { delayUntil } of messages) earliest = Math.min(earliest, delayUntil ?? 0);
    for (const { visibilityDeadline } of this.inflightMessages.values())
      earliest = Math.min(earliest, visibilityDeadline);
    return earliest;
  }
}
