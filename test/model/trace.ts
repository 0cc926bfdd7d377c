import type { Action } from './actions.ts';
import type { Explored } from './explore.ts';
import type { Call } from './replay.ts';
import type { Model } from './setup.ts';
import type { Process } from './world.ts';

/** A counter-example to be read: one line for each step, and what was violated. */
export function print(model: Model, { message, path }: NonNullable<Explored['violation']>): string {
  const events = [...model.first.items.values()]
    .filter(({ item }) => String(item.pk).includes('#events#'))
    .map(({ item }) => String(item.sk));
  const names = new Map(events.map((event, index) => [event, `event ${'ABC'[index]}`]));
  names.set(String(model.destination.split(' ').at(-1)), 'ED');
  const lines = path.map(({ action, before }) => `${clock(before.now)}  ${describe(action)}`);
  return [...names].reduce((text, [id, name]) => text.replaceAll(id, name), [...lines, message].join('\n'));
}

const clock = (at: number): string => new Date(at).toISOString().slice(11, 19);

function describe(action: Action): string {
  switch (action.kind) {
    case 'step': {
      const { process, choice } = action;
      const call = process.program.next ? describeCall(process.program.next) : '';
      return `${who(process)}${call}${choice === 'done' ? '' : `  -- ${choice.toUpperCase()}`}`;
    }
    case 'finish':
      return `${who(action.process)}is done`;
    case 'crash':
      return `${who(action.process)}DIES`;
    case 'receive':
      return `    ${action.messages[0]?.queue}: received${action.twice ? ' AND STAYS VISIBLE' : ''}: ${action.messages.map(({ body }) => bodyOf(body)).join(', ')}`;
    case 'wake':
      return `    the execution ${action.execution} invokes its function`;
    case 'track':
      return '    the tracker begins a round';
    case 'deed':
      return `    SOMEBODY DOES: ${action.deed}`;
    case 'pass':
      return `    time passes until ${clock(action.until)}`;
  }
}

const who = ({ kind, label, ordinal }: Process): string => `${`[${ordinal}] ${kind} ${label}`.slice(0, 34).padEnd(36)}`;

function describeCall({ operation, input }: Call): string {
  switch (operation) {
    case 'GetCommand':
      return `reads ${input.Key.pk} ${input.Key.sk}`;
    case 'BatchGetCommand':
      return `reads ${Object.values<{ Keys: { sk: string }[] }>(input.RequestItems).flatMap(({ Keys }) => Keys.map(({ sk }) => sk))}`;
    case 'QueryCommand':
      return `lists ${input.ExpressionAttributeValues[':pk'] ?? input.IndexName}`;
    case 'PutCommand':
      return `writes ${input.Item.pk}: ${shown(input.Item)}`;
    case 'UpdateCommand':
      return `updates ${input.Key.sk}: ${input.UpdateExpression} ${shown(input.ExpressionAttributeValues)}`;
    case 'DeleteCommand':
      return `deletes ${input.Key.pk} ${input.Key.sk}`;
    case 'SendMessageCommand':
      return `sends to ${input.QueueUrl} in ${input.DelaySeconds ?? 0} s: ${bodyOf(input.MessageBody)}`;
    case 'SendMessageBatchCommand':
      return `sends to ${input.QueueUrl}: ${input.Entries.map(bodyOfEntry).join(', ')}`;
    case 'StartExecutionCommand':
      return `starts ${input.name}`;
    case 'PutPartnerEventsCommand':
      return 'puts the event to its source';
    default:
      return operation;
  }
}

const bodyOfEntry = ({ MessageBody, DelaySeconds = 0 }: { MessageBody: string; DelaySeconds?: number }): string =>
  `${bodyOf(MessageBody)} in ${DelaySeconds} s`;

/** What tells a message from others. */
function bodyOf(body: string): string {
  const { event, attempt, manual, probe, due, again, kind } = JSON.parse(body);
  if (event === undefined) return kind ?? 'release';
  return [event, manual ? 'manual' : `#${attempt}`, probe && 'probe', again && 'again', due && `due ${clock(due)}`]
    .filter(Boolean)
    .join(' ');
}

const UNTOLD = new Set([
  'pk',
  'ttl',
  'destination',
  'event_type',
  'undelivered',
  'first_attempt',
  'message',
  'updated',
]);

function shown(values: Readonly<Record<string, unknown>>): string {
  const told = Object.entries(values).filter(([name, value]) => !UNTOLD.has(name) && value !== undefined);
  return told.map(([name, value]) => `${name} ${JSON.stringify(value)}`.slice(0, 160)).join(', ');
}
