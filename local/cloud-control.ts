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

/** `event-destinations-dev-delivery-DeliverWebhookC7F42581` is `deliver-webhook`, as its folder is called. */
const shortName = (name: string): string =>
  name
    .replace(/^.*-/, '')
    .replace(/[0-9A-F]{8}$/, '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-')
    .toLowerCase();

/** What `/_local/` can do. Functions may be named as their folders are, or by any part of their name that no other has. */
export function createControl(parts: ControlParts): Control {
  const { clock, lambda, logs, functionLogs } = parts;
  let moving = Promise.resolve();

  function functionNamed(text: string): string {
    const names = [...functionLogs.keys()];
    const wanted = text.toLowerCase();
    const exact = names.find((name) => name === text || shortName(name) === wanted);
    if (exact !== undefined) return exact;
    const [found, ...others] = names.filter((name) => name.toLowerCase().includes(wanted));
    if (found !== undefined && others.length === 0) return found;
    const those = (found === undefined ? names : [found, ...others]).map(shortName).join(', ');
    const problem = found === undefined ? `There is no function '${text}'` : `'${text}' is more than one function`;
    throw new AwsError('NotFound', `${problem}: say which of ${those}`, 404);
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
    functions: [...lambda.counts].map(([name, counts]) => ({ name, ...counts, initMs: Math.round(counts.initMs) })),
  };
}
