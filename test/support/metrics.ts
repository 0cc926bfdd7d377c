import type { Platform } from './platform.ts';

interface EmfLine {
  readonly service?: string;
  readonly [metric: string]: unknown;
}

/** The values of a metric that the functions have written so far, in order. */
export function metricValues({ cloud }: Platform, metric: string): number[] {
  const groups = cloud.logs.snapshot('nobody') as { events: { message: string }[] }[];
  return groups
    .flatMap(({ events }) => events.map(({ message }) => message))
    .filter((message) => message.includes('"_aws"') && message.includes(`"${metric}"`))
    .map((message) => (JSON.parse(message) as EmfLine)[metric])
    .filter((value): value is number => typeof value === 'number');
}
