import { AwsError, type Caller } from './aws-error.ts';
import { Fields, isRecord } from './fields.ts';

interface LogEvent {
  readonly logStreamName: string;
  readonly timestamp: number;
  readonly message: string;
  readonly eventId: string;
}

interface LogGroup {
  readonly arn: string;
  readonly name: string;
  readonly createdAt: number;
  readonly streams: Map<string, number>;
  events: LogEvent[];
}

/** The oldest go first: it is a window on what happens, not an archive. */
const MAX_EVENTS = 10_000;
const MAX_PAGE = 10_000;

/** The subset of CloudWatch Logs with which a rule's events and the functions' lines can be read. */
export class Logs {
  readonly #now: () => number;
  readonly #onChange: () => void;
  readonly #groups = new Map<string, LogGroup>();
  readonly #policies = new Map<string, unknown>();
  #written = 0;

  constructor(options: { now: () => number; restore?: unknown; onChange?: (() => void) | undefined }) {
    this.#now = options.now;
    this.#onChange = options.onChange ?? (() => {});
    const kept: unknown[] = Array.isArray(options.restore) ? options.restore : [];
    for (const group of kept) this.#restore(new Fields(group, 'log group'));
  }

  async handle(operation: string, input: unknown, caller: Caller): Promise<unknown> {
    const fields = new Fields(input, operation, (message) => new AwsError('InvalidParameterException', message));
    const run = this.#operations[operation];
    if (!run)
      throw new AwsError('UnknownOperationException', `${operation} is not part of the embedded CloudWatch Logs`);
    return run(fields, caller);
  }

  arn(name: string, caller: Caller): string {
    return groupArn(name, caller);
  }

  /** Creates a group unless it is there. */
  declare(name: string, caller: Caller): void {
    const arn = groupArn(name, caller);
    if (this.#groups.has(arn)) return;
    this.#groups.set(arn, { arn, name, createdAt: this.#now(), streams: new Map(), events: [] });
    this.#onChange();
  }

  /** Adds an event to a group by its ARN, with or without `:*` at the end. */
  append(arn: string, logStreamName: string, message: string, timestamp = this.#now()): void {
    const group = this.#groups.get(arn.replace(/:\*$/, ''));
    if (!group) throw notFound('The specified log group does not exist.');
    if (!group.streams.has(logStreamName)) group.streams.set(logStreamName, this.#now());
    this.#written += 1;
    group.events.push({ logStreamName, timestamp, message, eventId: String(this.#written).padStart(56, '0') });
    if (group.events.length > MAX_EVENTS * 1.1) group.events = group.events.slice(-MAX_EVENTS);
    this.#onChange();
  }

  /** The newest lines of a group, oldest first, by its ARN. */
  recent(arn: string, limit = 100): readonly LogEvent[] {
    return this.#groups.get(arn)?.events.slice(-limit) ?? [];
  }

  /** Groups of everyone but the given account: its functions' lines are not worth keeping. */
  snapshot(exceptAccount: string): unknown {
    return [...this.#groups.values()]
      .filter(({ arn }) => arn.split(':')[4] !== exceptAccount)
      .map((group) => ({ ...group, streams: [...group.streams] }));
  }

  readonly #operations: Readonly<Record<string, (fields: Fields, caller: Caller) => unknown>> = {
    CreateLogGroup: (fields, caller) => {
      const name = fields.string('logGroupName');
      if (!/^[.\-_/#A-Za-z0-9]{1,512}$/.test(name)) throw invalid(`Value '${name}' at 'logGroupName' is not valid`);
      if (this.#groups.has(groupArn(name, caller))) {
        throw new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists');
      }
      this.declare(name, caller);
      return {};
    },
    DeleteLogGroup: (fields, caller) => {
      this.#groups.delete(this.#group(fields, caller).arn);
      this.#onChange();
      return {};
    },
    DescribeLogGroups: (fields, caller) => {
      const prefix = fields.optionalString('logGroupNamePrefix') ?? '';
      const own = [...this.#groups.values()].filter(({ arn }) => arn.startsWith(groupArn(prefix, caller)));
      const { items, nextToken } = page(own, fields, 50);
      return { logGroups: items.map(groupDescription), nextToken };
    },
    CreateLogStream: (fields, caller) => {
      const { streams } = this.#group(fields, caller);
      const stream = fields.string('logStreamName');
      if (streams.has(stream)) {
        throw new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists');
      }
      streams.set(stream, this.#now());
      this.#onChange();
      return {};
    },
    DescribeLogStreams: (fields, caller) => {
      const group = this.#group(fields, caller);
      const prefix = fields.optionalString('logStreamNamePrefix') ?? '';
      const streams = [...group.streams].filter(([name]) => name.startsWith(prefix));
      const { items, nextToken } = page(streams, fields, 50);
      return { logStreams: items.map(([name, createdAt]) => streamDescription(group, name, createdAt)), nextToken };
    },
    PutLogEvents: (fields, caller) => {
      const group = this.#group(fields, caller);
      const stream = fields.string('logStreamName');
      if (!group.streams.has(stream)) throw notFound('The specified log stream does not exist.');
      for (const event of fields.listOfFields('logEvents')) {
        this.append(group.arn, stream, event.string('message'), event.number('timestamp'));
      }
      return { nextSequenceToken: String(this.#written) };
    },
    GetLogEvents: (fields, caller) => {
      const stream = fields.string('logStreamName');
      const all = this.#group(fields, caller).events.filter(({ logStreamName }) => logStreamName === stream);
      const events = inRange(all, fields);
      const limit = fields.number('limit', MAX_PAGE);
      const chosen = fields.boolean('startFromHead', false) ? events.slice(0, limit) : events.slice(-limit);
      return { events: chosen.map(readEvent), nextForwardToken: 'f/end', nextBackwardToken: 'b/end' };
    },
    FilterLogEvents: (fields, caller) => {
      const streams = new Set(fields.strings('logStreamNames'));
      const prefix = fields.optionalString('logStreamNamePrefix') ?? '';
      const matches = textFilter(fields.optionalString('filterPattern') ?? '');
      const events = inRange(this.#group(fields, caller).events, fields)
        .filter(
          ({ logStreamName }) => (streams.size === 0 || streams.has(logStreamName)) && logStreamName.startsWith(prefix),
        )
        .filter(({ message }) => matches(message));
      const { items, nextToken } = page(events, fields, MAX_PAGE);
      return {
        events: items.map((event) => ({
          logStreamName: event.logStreamName,
          ...readEvent(event),
          eventId: event.eventId,
        })),
        searchedLogStreams: [],
        nextToken,
      };
    },
    PutResourcePolicy: (fields, caller) => {
      const resourcePolicy = {
        policyName: fields.string('policyName'),
        policyDocument: fields.string('policyDocument'),
        lastUpdatedTime: this.#now(),
      };
      this.#policies.set(`${caller.account}/${caller.region}/${resourcePolicy.policyName}`, resourcePolicy);
      return { resourcePolicy };
    },
    DescribeResourcePolicies: (_fields, { account, region }) => {
      const own = [...this.#policies].filter(([key]) => key.startsWith(`${account}/${region}/`));
      return { resourcePolicies: own.map(([, policy]) => policy) };
    },
    /** Nothing here grows old enough. */
    PutRetentionPolicy: (fields, caller) => {
      this.#group(fields, caller);
      return {};
    },
  };

  #group(fields: Fields, caller: Caller): LogGroup {
    const name = fields.optionalString('logGroupName') ?? fields.string('logGroupIdentifier');
    const group = this.#groups.get(name.startsWith('arn:') ? name.replace(/:\*$/, '') : groupArn(name, caller));
    if (!group) throw notFound('The specified log group does not exist.');
    return group;
  }

  #restore(group: Fields): void {
    const arn = group.string('arn');
    const streams = group
      .list('streams')
      .flatMap((entry) => (Array.isArray(entry) ? [[String(entry[0]), Number(entry[1])] as const] : []));
    const events = group.list('events').filter(isLogEvent);
    const createdAt = group.number('createdAt');
    this.#groups.set(arn, { arn, name: group.string('name'), createdAt, streams: new Map(streams), events });
    this.#written = Math.max(this.#written, ...events.map(({ eventId }) => Number(eventId)));
  }
}

/** Every word, or quoted phrase, must be in the message; `-word` must not. */
function textFilter(pattern: string): (message: string) => boolean {
  if (pattern.trimStart().startsWith('{') || pattern.startsWith('%')) {
    throw invalid('Only text filter patterns work in the embedded CloudWatch Logs: words, and phrases in quotes');
  }
  const terms = [...pattern.matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)].map(([, minus, phrase, word]) => ({
    wanted: minus === '',
    text: phrase ?? word ?? '',
  }));
  return (message) => terms.every(({ wanted, text }) => message.includes(text) === wanted);
}

function inRange(events: readonly LogEvent[], fields: Fields): LogEvent[] {
  const from = fields.number('startTime', 0);
  const to = fields.number('endTime', Number.MAX_SAFE_INTEGER);
  return events.filter(({ timestamp }) => timestamp >= from && timestamp <= to);
}

/** The token is the index at which the next page starts. */
function page<T>(items: readonly T[], fields: Fields, fallback: number): { items: T[]; nextToken?: string } {
  const start = Number(fields.optionalString('nextToken') ?? 0);
  const end = start + fields.number('limit', fallback);
  return { items: items.slice(start, end), ...(end < items.length && { nextToken: String(end) }) };
}

const groupArn = (name: string, { account, region }: Caller): string =>
  `arn:aws:logs:${region}:${account}:log-group:${name}`;

const groupDescription = ({ arn, name, createdAt, events }: LogGroup) => ({
  logGroupName: name,
  creationTime: createdAt,
  arn: `${arn}:*`,
  logGroupArn: arn,
  storedBytes: events.reduce((bytes, { message }) => bytes + message.length, 0),
});

function streamDescription({ arn, events }: LogGroup, name: string, createdAt: number) {
  const last = events.findLast(({ logStreamName }) => logStreamName === name)?.timestamp;
  return {
    logStreamName: name,
    creationTime: createdAt,
    arn: `${arn}:log-stream:${name}`,
    ...(last !== undefined && { lastEventTimestamp: last, lastIngestionTime: last }),
  };
}

const readEvent = ({ timestamp, message }: LogEvent) => ({ timestamp, message, ingestionTime: timestamp });

const isLogEvent = (value: unknown): value is LogEvent =>
  isRecord(value) && typeof value.message === 'string' && typeof value.eventId === 'string';

const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
const invalid = (message: string) => new AwsError('InvalidParameterException', message);
