import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedStack, loadStacks, type Resource } from '../../local/templates/load-stacks.ts';
import type { Indexes } from './dynamodb-units.ts';

export interface Mapping {
  readonly queueArn: string;
  readonly functionName: string;
}

/** What the meter has to know of the templates. */
export interface Template {
  readonly indexes: Indexes;
  readonly memoryMb: ReadonlyMap<string, number>;
  readonly mappings: readonly Mapping[];
  /** How many metrics all alarms look at. */
  readonly alarmMetrics: number;
  /** How many resources of a type there are. */
  count(type: string): number;
}

export function readTemplates(cdkOut: string, awsUrl: string): Template {
  const identity = {
    account: '000000000000',
    region: 'us-east-1',
    partition: 'aws',
    urlSuffix: 'amazonaws.com',
    awsUrl,
  };
  const resources = loadStacks(cdkOut, identity).flatMap((stack: LoadedStack) => stack.resources);
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const all = resourcesIn(cdkOut);
  return {
    indexes: new Map(ofType('AWS::DynamoDB::Table').map((table) => [table.physicalName, indexKeys(table)])),
    memoryMb: new Map(
      ofType('AWS::Lambda::Function').map(({ physicalName, properties }) => [
        physicalName,
        properties.number('MemorySize', 128),
      ]),
    ),
    mappings: ofType('AWS::Lambda::EventSourceMapping').map(({ properties }) => ({
      queueArn: properties.string('EventSourceArn'),
      functionName: properties.string('FunctionName').split(':').at(-1) ?? '',
    })),
    alarmMetrics: all
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
      .reduce((sum, { Properties }) => sum + metricsOf(Properties), 0),
    count: (type) => all.filter(({ Type }) => Type === type).length,
  };
}

const indexKeys = ({ properties }: Resource): string[][] =>
  properties
    .listOfFields('GlobalSecondaryIndexes')
    .map((index) => index.listOfFields('KeySchema').map((key) => key.string('AttributeName')));

interface AnyResource {
  readonly Type: string;
  readonly Properties?: { readonly Metrics?: readonly { readonly MetricStat?: object }[] };
}

/** All resources, those too that the embedded cloud has no part for. */
const resourcesIn = (cdkOut: string): AnyResource[] =>
  readdirSync(cdkOut)
    .filter((name) => name.endsWith('.template.json'))
    .flatMap((name) => {
      const { Resources = {} }: { Resources?: Record<string, AnyResource> } = JSON.parse(
        readFileSync(join(cdkOut, name), 'utf8'),
      );
      return Object.values(Resources);
    });

/** One, or those that an expression is made of. */
const metricsOf = ({ Metrics }: AnyResource['Properties'] = {}): number =>
  Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
