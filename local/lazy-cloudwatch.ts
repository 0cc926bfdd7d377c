import type { Clock } from './clock.ts';
import type { CloudWatch, CloudWatchOptions } from './cloudwatch/cloudwatch.ts';
import { isEmf } from './cloudwatch/emf.ts';
import type { Fields } from './fields.ts';

/** Metrics that were written before anybody asked for one. */
const MOST_LINES = 10_000;

/**
 * CloudWatch, from the first request on: then metrics are read from the functions' lines, queues are looked at every minute
 * and alarms change their states. Until then it costs nothing but a list of lines.
 */
export class LazyCloudWatch {
  readonly #clock: Clock;
  readonly #sampled: CloudWatchOptions['sampled'];
  readonly #alarms: { name: string; arn: string; properties: Fields }[] = [];
  readonly #dashboards = new Map<string, string>();
  #lines: string[] = [];
  #loading: Promise<CloudWatch> | undefined;
  #loaded: CloudWatch | undefined;

  constructor(clock: Clock, sampled: CloudWatchOptions['sampled']) {
    this.#clock = clock;
    this.#sampled = sampled;
  }

  declareAlarm(name: string, arn: string, properties: Fields): void {
    this.#alarms.push({ name, arn, properties });
  }

  declareDashboard(name: string, body: string): void {
    this.#dashboards.set(name, body);
  }

  /** A line of a function, which may carry metrics. */
  line(line: string): void {
    if (!isEmf(line)) return;
    if (this.#loaded) this.#loaded.emf(line);
    else if (this.#lines.push(line) > MOST_LINES) this.#lines = this.#lines.slice(MOST_LINES / 2);
  }

  async handle(operation: string, input: unknown): Promise<unknown> {
    this.#loading ??= this.#load();
    return (await this.#loading).handle(operation, input);
  }

  async #load(): Promise<CloudWatch> {
    const module = await import('./cloudwatch/cloudwatch.ts');
    const cloudWatch = new module.CloudWatch({
      clock: this.#clock,
      sampled: this.#sampled,
      alarms: this.#alarms,
      dashboards: this.#dashboards,
    });
    for (const line of this.#lines.splice(0)) cloudWatch.emf(line);
    this.#loaded = cloudWatch;
    return cloudWatch;
  }
}
