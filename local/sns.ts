import { randomUUID } from 'node:crypto';
import { AwsError } from './aws-error.ts';

interface Subscription {
  readonly protocol: string;
  /** A queue's or function's ARN, an address, a URL. */
  readonly endpoint: string;
  /** RawMessageDelivery: the message alone, without SNS's envelope. */
  readonly raw: boolean;
}

/** The topics of the templates, as targets of rules. Nobody can publish or subscribe by request. */
export class Sns {
  readonly #now: () => number;
  readonly #topics = new Map<string, Subscription[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  declare(arn: string): void {
    if (!this.#topics.has(arn)) this.#topics.set(arn, []);
  }

  subscribe(topic: string, subscription: Subscription): void {
    this.#subscriptionsOf(topic).push(subscription);
  }

  subscriptions(topic: string): readonly Subscription[] {
    return this.#subscriptionsOf(topic);
  }

  /** What a queue gets without raw message delivery, and a function within its event. */
  notification(TopicArn: string, Message: string) {
    const Timestamp = new Date(this.#now()).toISOString();
    return { Type: 'Notification', MessageId: randomUUID(), TopicArn, Message, Timestamp };
  }

  #subscriptionsOf(topic: string): Subscription[] {
    const found = this.#topics.get(topic);
    if (found) return found;
    throw new AwsError('NotFoundException', `Topic does not exist: ${topic}`, 404);
  }
}
