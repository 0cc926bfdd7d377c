import type { Clock } from './clock.ts';
import type { Lambda } from './lambda/lambda.ts';
import { DEFAULT_SANDBOXES } from './lambda/sandbox-pool.ts';
import { EventSourceMapping } from './sqs/event-source-mapping.ts';
import type { Sqs } from './sqs/sqs.ts';
import type { LoadedStack, Resource } from './templates/load-stacks.ts';

export interface MappingParts {
  readonly clock: Clock;
  readonly sqs: Sqs;
  readonly lambda: Pick<Lambda, 'invoke'>;
  readonly log: (line: string) => void;
}

/** Starts the templates' event source mappings: from here on messages are worked off. */
export function startMappings(stacks: readonly LoadedStack[], parts: MappingParts): EventSourceMapping[] {
  const resources = stacks.flatMap((stack) => stack.resources);
  const reserved = new Map(
    resources
      .filter(({ type }) => type === 'AWS::Lambda::Function')
      .map(({ physicalName, properties }) => [physicalName, properties.optionalNumber('ReservedConcurrentExecutions')]),
  );
  return resources
    .filter(({ type, properties }) => type === 'AWS::Lambda::EventSourceMapping' && properties.boolean('Enabled', true))
    .map((mapping) => start(mapping, reserved, parts));
}

function start(
  { logicalId, properties }: Resource,
  reserved: ReadonlyMap<string, number | undefined>,
  { clock, sqs, lambda, log }: MappingParts,
): EventSourceMapping {
  if (properties.has('FilterCriteria')) throw new Error(`${logicalId}: FilterCriteria is not supported locally`);
  const queue = sqs.queue(properties.string('EventSourceArn'));
  if (!queue) throw new Error(`${logicalId}: only queues of the templates can be event sources locally`);
  const functionName = properties.string('FunctionName').split(':').at(-1) ?? '';
  const config = {
    functionName,
    batchSize: properties.number('BatchSize', 10),
    windowSeconds: properties.number('MaximumBatchingWindowInSeconds', 0),
    reportsFailures: properties.strings('FunctionResponseTypes').includes('ReportBatchItemFailures'),
    concurrency: concurrency(
      properties.fields('ScalingConfig').optionalNumber('MaximumConcurrency'),
      reserved.get(functionName),
    ),
  };
  return new EventSourceMapping(config, {
    clock,
    queue,
    invoke: (name, payload) => lambda.invoke(name, payload),
    deadLetters: (arn) => sqs.queue(arn),
    log,
  });
}

/**
 * More batches than sandboxes would only wait, invisible, in the wrong order. A function with reserved concurrency is
 * another matter: there AWS, too, polls on and is throttled.
 */
function concurrency(maximum: number | undefined, reserved: number | undefined): number {
  if (reserved === undefined) return Math.min(maximum ?? DEFAULT_SANDBOXES, DEFAULT_SANDBOXES);
  return maximum ?? Math.max(DEFAULT_SANDBOXES, reserved);
}
