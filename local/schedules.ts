import { randomUUID } from 'node:crypto';
import type { Clock, DueSource } from './clock.ts';
import type { Fields } from './fields.ts';
import { parseScheduleExpression, type ScheduleExpression } from './schedule-expression.ts';

/** What a schedule must show: EventBridge's scheduled rules do. */
export interface Scheduled {
  readonly arn: string;
  readonly scheduleExpression: string;
  readonly enabled: boolean;
}

interface Timetable {
  readonly text: string;
  readonly expression: ScheduleExpression;
  readonly began: number;
  next: number | undefined;
  /** When it was last looked at. */
  enabled: boolean;
}

/**
 * Fires schedules on the clock. Which there are is asked anew each time, because customers put and delete rules. A time
 * that passed while nobody looked, with the computer asleep for example, is not made up for; nor is one that passed while
 * the schedule was disabled.
 */
export class Schedules implements DueSource {
  readonly #clock: Clock;
  readonly #schedules: () => readonly Scheduled[];
  readonly #fire: (arn: string, dueAt: number) => void;
  readonly #timetables = new Map<string, Timetable>();

  constructor(clock: Clock, schedules: () => readonly Scheduled[], fire: (arn: string, dueAt: number) => void) {
    this.#clock = clock;
    this.#schedules = schedules;
    this.#fire = fire;
    clock.watch(this);
  }

  nextDue(): number | undefined {
    let earliest = Number.POSITIVE_INFINITY;
    for (const { next } of this.#enabled().map(([, timetable]) => timetable))
      earliest = Math.min(earliest, next ?? earliest);
    return Number.isFinite(earliest) ? earliest : undefined;
  }

  fire(): void {
    const now = this.#clock.now();
    for (const [schedule, timetable] of this.#enabled()) {
      const due = timetable.next;
      if (due === undefined || due > now) continue;
      timetable.next = timetable.expression.next(now, timetable.began);
      this.#fire(schedule.arn, due);
    }
  }

  #enabled(): [Scheduled, Timetable][] {
    return this.#schedules().flatMap((schedule): [Scheduled, Timetable][] => {
      const timetable = this.#timetable(schedule);
      if (schedule.enabled && !timetable.enabled)
        timetable.next = timetable.expression.next(this.#clock.now(), timetable.began);
      timetable.enabled = schedule.enabled;
      return schedule.enabled ? [[schedule, timetable]] : [];
    });
  }

  #timetable({ arn, scheduleExpression: text, enabled }: Scheduled): Timetable {
    const known = this.#timetables.get(arn);
    if (known?.text === text) return known;
    const began = this.#clock.now();
    const expression = parseScheduleExpression(text);
    const timetable = { text, expression, began, next: expression.next(began, began), enabled };
    this.#timetables.set(arn, timetable);
    return timetable;
  }
}

/** An AWS::Scheduler::Schedule with what it sends. */
export interface SchedulerSchedule extends Scheduled {
  readonly name: string;
  readonly targetArn: string;
  readonly input: string | undefined;
}

export function readSchedulerSchedule(name: string, arn: string, properties: Fields): SchedulerSchedule {
  const timezone = properties.optionalString('ScheduleExpressionTimezone') ?? 'UTC';
  if (timezone !== 'UTC') throw new Error(`Schedule ${name}: only UTC is supported locally, and not ${timezone}`);
  const target = properties.fields('Target');
  return {
    name,
    arn,
    scheduleExpression: properties.string('ScheduleExpression'),
    enabled: properties.optionalString('State') !== 'DISABLED',
    targetArn: target.string('Arn'),
    input: target.optionalString('Input'),
  };
}

const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

/** What EventBridge Scheduler sends to a target: the given input, or an event of its own. */
export function schedulerInput(schedule: SchedulerSchedule, dueAt: number): string {
  const time = new Date(dueAt).toISOString().replace(/\.\d+Z$/, 'Z');
  if (schedule.input !== undefined) return schedule.input.replaceAll(SCHEDULED_TIME, time);
  const [region, account] = schedule.arn.split(':').slice(3);
  const event = { version: '0', id: randomUUID(), 'detail-type': 'Scheduled Event', source: 'aws.scheduler' };
  return JSON.stringify({ ...event, account, time, region, resources: [schedule.arn], detail: '{}' });
}
