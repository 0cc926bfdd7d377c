import { AwsError, type Caller } from '../aws-error.ts';
import type { FauxqsPersistence, FauxqsStore } from './fauxqs.ts';
import { Queue } from './queue.ts';

/** fauxqs' actions build every ARN with this account; a caller's own takes its place. */
const FAUXQS_ACCOUNT = '000000000000';

/** All queues, of whichever account and Region, by ARN. The ARN is also the name under which fauxqs keeps them. */
export class QueueStore implements FauxqsStore {
  readonly #awsUrl: string;
  readonly #queues = new Map<string, Queue>();
  /** Set after what was kept has been loaded, or loading would write it again. */
  persistence: FauxqsPersistence | undefined;

  constructor(awsUrl: string) {
    this.#awsUrl = awsUrl;
  }

  createQueue(
    _name: string,
    _url: string,
    arn: string,
    attributes?: Record<string, string>,
    tags?: Record<string, string>,
  ) {
    const [account, name] = arn.split(':').slice(4);
    // The URL is made anew: the port may be another one than when the queue was written.
    const queue = new Queue(arn, `${this.#awsUrl}/${account}/${name}`, arn, attributes, tags);
    queue.persistence = this.persistence;
    this.persistence?.insertQueue(queue);
    this.#queues.set(arn, queue);
    return queue;
  }

  get(arn: string): Queue | undefined {
    return this.#queues.get(arn);
  }

  all(): IterableIterator<Queue> {
    return this.#queues.values();
  }

  delete(queue: Queue): void {
    queue.cancelWaiters();
    this.persistence?.deleteQueue(queue.name);
    this.#queues.delete(queue.arn);
  }
}

/** The store as one caller's request sees it: what fauxqs' actions ask a store for. */
export class CallerStore {
  readonly #store: QueueStore;
  readonly #caller: Caller;
  readonly #owner: string;

  constructor(store: QueueStore, caller: Caller, owner = caller.account) {
    this.#store = store;
    this.#caller = caller;
    this.#owner = owner;
  }

  /** `http://…/<account>/<name>`; the Region is the caller's, because our URLs do not say it. */
  getQueue(url: string): Queue | undefined {
    const [account, name] = url
      .replace(/^https?:\/\/[^/]+/, '')
      .split('/')
      .filter(Boolean);
    return this.#store.get(`arn:aws:sqs:${this.#caller.region}:${account}:${name}`);
  }

  getQueueByArn(arn: string): Queue | undefined {
    return this.#store.get(this.#own(arn));
  }

  createQueue(
    name: string,
    url: string,
    arn: string,
    attributes?: Record<string, string>,
    tags?: Record<string, string>,
  ) {
    if (!/^[\w-]{1,80}$|^[\w-]{1,75}\.fifo$/.test(name)) {
      const message = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
      throw new AwsError('InvalidParameterValue', message);
    }
    return this.#store.createQueue(name, url, this.#own(arn), attributes, tags);
  }

  buildQueueUrl(): string {
    return '';
  }

  deleteQueue(url: string): boolean {
    const queue = this.getQueue(url);
    if (queue) this.#store.delete(queue);
    return queue !== undefined;
  }

  listQueues(prefix = '', maxResults = 1000, nextToken = '') {
    const own = `arn:aws:sqs:${this.#caller.region}:${this.#caller.account}:`;
    const queues = [...this.#store.all()]
      .filter(({ arn, shortName }) => arn.startsWith(own) && shortName.startsWith(prefix) && shortName > nextToken)
      .sort((a, b) => (a.shortName < b.shortName ? -1 : 1));
    const page = queues.slice(0, maxResults);
    return { queues: page, ...(queues.length > page.length && { nextToken: page.at(-1)?.shortName }) };
  }

  #own(arn: string): string {
    return arn.replace(`:${FAUXQS_ACCOUNT}:`, `:${this.#owner}:`);
  }
}
