import type { Clock } from './clock.ts';
import type { Lambda } from './lambda/lambda.ts';
import { EventSourceMapping } from './sqs/event-source-mapping.ts';
import type { Sqs } from './sqs/sqs.ts';
import type { LoadedStack, Resource } from './templates/load-stacks.ts';

export interface MappingParts {
  readonly clock: Clock;
  readonly sqs: Sqs;
  readonly lambda: Pick<Lambda, 'invoke' | 'widen'>;
  readonly log: (line: string) => void;
  /** Batches that a mapping works on at a time, if its function has no reserved concurrency. */
  readonly sandboxes: number;
}

/** Starts the templates' event source mappings: from here on messages are worked off. */
export function startMappings(stacks: readonly LoadedStack[], parts: MappingParts): EventSourceMapping[] {
  const resources = stacks.flatMap((stack) => stack.resources);
  const reserved = new Map(
    resources
      .filter(({ type }) => type === 'AWS::Lambda::Function')
      .map(({ physicalName, properties }) => [physicalName, properties.optionalNumber('ReservedConcurrentExecutions')]),
  );
  const mappings = resources.filter(
    ({ type, properties }) => type === 'AWS::Lambda::EventSourceMapping' && properties.boolean('Enabled', true),
  );
  // Each mapping has its own share: one that is full must not keep another of the same function from its sandboxes.
  for (const [name, own] of Map.groupBy(mappings, functionNameOf))
    parts.lambda.widen(name, own.length * parts.sandboxes);
  return mappings.map((mapping) => start(mapping, reserved, parts));
}

const functionNameOf = ({ properties }: Resource): string => properties.string('FunctionName').split(':').at(-1) ?? '';

function start(
  mapping: Resource,
  reserved: ReadonlyMap<string, number | undefined>,
  { clock, sqs, lambda, log, sandboxes }: MappingParts,
): EventSourceMapping {
  const { logicalId, properties } = mapping;
  if (properties.has('FilterCriteria')) throw new Error(`${logicalId}: FilterCriteria is not supported locally`);
  const queue = sqs.queue(properties.string('EventSourceArn'));
  if (!queue) throw new Error(`${logicalId}: only queues of the templates can be event sources locally`);
  const functionName = functionNameOf(mapping);
  const config = {
    functionName,
    batchSize: properties.number('BatchSize', 10),
    windowSeconds: properties.number('MaximumBatchingWindowInSeconds', 0),
    reportsFailures: properties.strings('FunctionResponseTypes').includes('ReportBatchItemFailures'),
    concurrency: concurrency(
      properties.fields('ScalingConfig').optionalNumber('MaximumConcurrency'),
      reserved.get(functionName),
      sandboxes,
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
function concurrency(maximum: number | undefined, reserved: number | undefined, sandboxes: number): number {
  if (reserved === undefined) return Math.min(maximum ?? sandboxes, sandboxes);
  return maximum ?? Math.max(sandboxes, reserved);
}
