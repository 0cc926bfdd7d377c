import { Fields, isRecord } from '../fields.ts';
import type { MetricStore } from './metric-store.ts';

/** Whether a function's line carries metrics (embedded metric format). Powertools writes `_aws` first. */
export const isEmf = (line: string): boolean => line.startsWith('{"_aws":');

/** Puts the metrics of a line, for each set of its dimensions. */
export function putEmf(store: MetricStore, line: string): void {
  const parsed: unknown = JSON.parse(line);
  if (!isRecord(parsed)) return;
  const aws = new Fields(parsed, 'EMF').fields('_aws');
  const at = aws.number('Timestamp');
  for (const directive of aws.listOfFields('CloudWatchMetrics')) {
    const sets = directive.list('Dimensions').map((names) => (Array.isArray(names) ? names.map(String) : []));
    for (const metric of directive.listOfFields('Metrics')) {
      const name = metric.string('Name');
      const values = [parsed[name]].flat().filter((value) => typeof value === 'number');
      for (const names of sets) {
        const dimensions = Object.fromEntries(names.map((dimension) => [dimension, String(parsed[dimension])]));
        store.put({ namespace: directive.string('Namespace'), name, dimensions }, at, values);
      }
    }
  }
}
