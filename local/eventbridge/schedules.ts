import { validation } from './errors.ts';
import type { Rule } from './state.ts';

/** A rule that somebody with a clock must fire: `EventBridge.fire(arn)` at the times of its expression. */
export interface ScheduledRule {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly scheduleExpression: string;
  readonly enabled: boolean;
}

export function scheduled(rules: readonly Rule[]): ScheduledRule[] {
  return rules.flatMap(({ arn, name, account, region, state, scheduleExpression }) =>
    scheduleExpression === undefined
      ? []
      : [{ arn, name, account, region, scheduleExpression, enabled: state !== 'DISABLED' }],
  );
}

/** "If the value is equal to 1, then the unit must be singular." */
const RATE = /^rate\((1 (minute|hour|day)|(?!1 )[1-9]\d* (minutes|hours|days))\)$/;
/** Minutes, hours, day of month, month, day of week, year; one of the two days must be `?`. Ranges are left to the scheduler. */
const CRON = /^cron\(([\d*,/-]+) ([\d*,/-]+) ([\d*,/?LW-]+) ([\dA-Z*,/-]+) ([\dA-Z*,/?#-]+) ([\d*,/-]+)\)$/;

export function checkSchedule(expression: string): void {
  const [, , , dayOfMonth, , dayOfWeek] = CRON.exec(expression) ?? [];
  const oneDayIsOpen = (dayOfMonth === '?') !== (dayOfWeek === '?');
  if (!RATE.test(expression) && !oneDayIsOpen) throw validation('Parameter ScheduleExpression is not valid.');
}
