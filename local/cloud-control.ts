import { AwsError } from './aws-error.ts';
import type { Clock } from './clock.ts';
import type { Lambda } from './lambda/lambda.ts';
import type { Logs } from './logs.ts';
import type { Sqs } from './sqs/sqs.ts';
import type { Control } from './wire/control.ts';

export interface ControlParts {
  readonly urls: { readonly api: string; readonly aws: string };
  readonly clock: Clock;
  readonly lambda: Lambda;
  readonly sqs: Sqs;
  readonly logs: Logs;
  /** The ARN of its log group by function. */
  readonly functionLogs: ReadonlyMap<string, string>;
}

/** What `/_local/` can do. Functions may be named by any part of their name that no other has. */
export function createControl(parts: ControlParts): Control {
  const { clock, lambda, logs, functionLogs } = parts;
  let moving = Promise.resolve();

  function functionNamed(text: string): string {
    const names = [...functionLogs.keys()];
    const matching = names.filter((name) => name.toLowerCase().includes(text.toLowerCase()));
    const [found] = names.includes(text) ? [text] : matching.length === 1 ? matching : [];
    if (found !== undefined) return found;
    throw new AwsError('NotFound', `${text} must be part of one of ${names.join(', ')}`, 404);
  }

  return {
    advance(ms) {
      // One after the other: two that move time together would each count the other's way.
      moving = moving.then(() => clock.advance(ms));
      return moving;
    },
    settle: () => clock.settled(),
    kill: (name) => lambda.kill(functionNamed(name)),
    status: () => status(parts),
    logs(name, limit) {
      const functions = name === undefined ? [...functionLogs.keys()] : [functionNamed(name)];
      const lines = functions.flatMap((functionName) =>
        logs.recent(functionLogs.get(functionName) ?? '', limit).map((event) => ({ functionName, event })),
      );
      return lines
        .sort((a, b) => (a.event.eventId < b.event.eventId ? -1 : 1))
        .slice(-limit)
        .map(({ functionName, event }) => ({
          time: new Date(event.timestamp).toISOString(),
          function: functionName,
          line: event.message,
        }));
    },
  };
}

function status({ clock, urls, sqs, lambda }: ControlParts) {
  return {
    now: new Date(clock.now()).toISOString(),
    clock: clock.state[0] === 1 ? 'frozen' : 'live',
    busy: clock.busy,
    urls,
    queues: sqs.queues().map((queue) => ({
      name: queue.shortName,
      account: queue.arn.split(':')[4],
      visible: Number(queue.getAttribute('ApproximateNumberOfMessages')),
      inFlight: Number(queue.getAttribute('ApproximateNumberOfMessagesNotVisible')),
      delayed: Number(queue.getAttribute('ApproximateNumberOfMessagesDelayed')),
      ...queue.counts,
    })),
    functions: [...lambda.counts].map(([name, counts]) => ({ name, ...counts })),
  };
}
