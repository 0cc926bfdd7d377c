import type { Caller } from '../aws-error.ts';
import type { FunctionCounts, Lambda } from '../lambda/lambda.ts';
import type { Queue } from '../sqs/queue.ts';
import type { Sqs } from '../sqs/sqs.ts';
import type { MetricStore } from './metric-store.ts';

/** What SQS and Lambda say of themselves every minute; only what the templates' alarms and dashboards can look at. */
export class Sampler {
  readonly #store: MetricStore;
  readonly #sqs: Sqs;
  readonly #lambda: Lambda;
  readonly #owner: Caller;
  /** Counters at the last sample: metrics are what was added since. */
  readonly #last = new Map<string, number>();

  constructor(store: MetricStore, parts: { readonly sqs: Sqs; readonly lambda: Lambda; readonly owner: Caller }) {
    this.#store = store;
    this.#sqs = parts.sqs;
    this.#lambda = parts.lambda;
    this.#owner = parts.owner;
    // What happened before belongs to no minute.
    this.sample(0, () => {});
  }

  /** Samples the minute that ended at `now`. */
  sample(now: number, put = this.#store.put.bind(this.#store)): void {
    const at = now - 1;
    const own = this.#sqs.queues().filter(({ arn }) => arn.split(':')[4] === this.#owner.account);
    for (const queue of own)
      for (const [name, value] of queueMetrics(queue, now, (key, count) => this.#added(key, count)))
        put({ namespace: 'AWS/SQS', name, dimensions: { QueueName: queue.shortName } }, at, [value]);
    for (const [FunctionName, counts] of this.#lambda.counts)
      for (const [name, count] of functionMetrics(counts)) {
        const added = this.#added(`${FunctionName} ${name}`, count);
        if (added > 0) put({ namespace: 'AWS/Lambda', name, dimensions: { FunctionName } }, at, [added]);
      }
  }

  #added(key: string, count: number): number {
    const added = count - (this.#last.get(key) ?? 0);
    this.#last.set(key, count);
    return added;
  }
}

function queueMetrics(queue: Queue, now: number, added: (key: string, count: number) => number): [string, number][] {
  const attribute = (name: string) => Number(queue.getAttribute(name));
  const oldest = queue.oldestSentAt();
  return [
    ['ApproximateNumberOfMessagesVisible', attribute('ApproximateNumberOfMessages')],
    ['ApproximateNumberOfMessagesNotVisible', attribute('ApproximateNumberOfMessagesNotVisible')],
    ['ApproximateNumberOfMessagesDelayed', attribute('ApproximateNumberOfMessagesDelayed')],
    ['ApproximateAgeOfOldestMessage', oldest === undefined ? 0 : Math.max(0, (now - oldest) / 1000)],
    ['NumberOfMessagesSent', added(`${queue.arn} sent`, queue.counts.sent)],
    ['NumberOfMessagesReceived', added(`${queue.arn} received`, queue.counts.received)],
    ['NumberOfMessagesDeleted', added(`${queue.arn} deleted`, queue.counts.deleted)],
  ];
}

const functionMetrics = ({ invocations, errors, throttles }: Readonly<FunctionCounts>): [string, number][] => [
  ['Invocations', invocations],
  ['Errors', errors],
  ['Throttles', throttles],
];
