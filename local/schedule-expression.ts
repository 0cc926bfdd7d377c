/**
 * When a schedule fires next, by EventBridge's expressions, in UTC:
 *
 *   rate(5 minutes)                                    every so often, the first time one period after it began
 *   cron(minutes hours day-of-month month day-of-week year)    with , - * / ? L W #
 *   at(2026-11-22T10:00:00)                            once (EventBridge Scheduler only)
 */
export interface ScheduleExpression {
  /** The first instant after `instant`, ms since the epoch; `began` is when the schedule began to count. */
  next(instant: number, began: number): number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3600_000, day: 86_400_000 };

export function parseScheduleExpression(expression: string): ScheduleExpression {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression);
  if (rate) return every(Number(rate[1]) * (UNIT_MS[rate[2] ?? ''] ?? 0));
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(expression);
  if (at) return once(Date.parse(`${at[1]}Z`));
  const cron = /^cron\((.+)\)$/.exec(expression);
  if (cron?.[1]) return parseCron(cron[1], expression);
  throw new Error(`${expression} is no schedule expression: use rate(…), cron(…) or at(…)`);
}

function every(period: number): ScheduleExpression {
  if (!(period > 0)) throw new Error('rate() needs a positive number');
  return { next: (instant, began) => began + (Math.floor((instant - began) / period) + 1) * period };
}

const once = (time: number): ScheduleExpression => ({ next: (instant) => (time > instant ? time : undefined) });

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DAY_MS = 86_400_000;
/** The rarest expression that comes again at all is a 29 February on a given weekday: once in 28 years, or 40. */
const HORIZON_DAYS = 41 * 366;

function parseCron(text: string, expression: string): ScheduleExpression {
  const fields = text.trim().split(/\s+/);
  const [minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6 || (dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new Error(`${expression} needs six fields, and ? as day-of-month or as day-of-week`);
  }
  const minutes = values(minute, 0, 59);
  const hours = values(hour, 0, 23);
  const months = values(month, 1, 12, MONTHS);
  const years = values(year, 1970, 2199);
  const dayFits = dayOfWeek === '?' ? dayOfMonthMatcher(dayOfMonth) : dayOfWeekMatcher(dayOfWeek);
  const fits = (day: Date) => years.has(day.getUTCFullYear()) && months.has(day.getUTCMonth() + 1) && dayFits(day);

  const times = [...hours].flatMap((h) => [...minutes].map((m) => (h * 60 + m) * 60_000)).sort((a, b) => a - b);
  return {
    next(instant) {
      const today = Math.floor(instant / DAY_MS) * DAY_MS;
      for (let day = today; day < today + HORIZON_DAYS * DAY_MS; day += DAY_MS) {
        if (!fits(new Date(day))) continue;
        const time = times.find((time) => day + time > instant);
        if (time !== undefined) return day + time;
      }
      return undefined;
    },
  };
}

/** The numbers that a field stands for: `*`, `5`, `1-5`, `MON-FRI`, `0/15`, `1-20/2`, and lists of them. */
function values(field: string, min: number, max: number, names: readonly string[] = []): Set<number> {
  const number = (text: string): number => {
    const index = names.indexOf(text.toUpperCase());
    const value = index < 0 ? Number(text) : index + min;
    if (!Number.isInteger(value) || value < min || value > max)
      throw new Error(`${text} is not between ${min} and ${max}`);
    return value;
  };
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range.split('-');
    const first = from === '*' ? min : number(from);
    const open = from === '*' || step !== undefined;
    const last = to !== undefined ? number(to) : open ? max : first;
    const stride = Number(step ?? 1);
    if (!Number.isInteger(stride) || stride < 1) throw new Error(`${part}: the step must be a whole number above zero`);
    for (let value = first; value <= last; value += stride) found.add(value);
  }
  return found;
}

type DayMatcher = (day: Date) => boolean;

const lastOfMonth = (day: Date): number =>
  new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();

function dayOfMonthMatcher(field: string): DayMatcher {
  if (field === 'L') return (day) => day.getUTCDate() === lastOfMonth(day);
  const nearest = /^(\d+|L)W$/.exec(field)?.[1];
  if (nearest)
    return (day) => day.getUTCDate() === nearestWeekday(day, nearest === 'L' ? lastOfMonth(day) : Number(nearest));
  const days = values(field, 1, 31);
  return (day) => days.has(day.getUTCDate());
}

/** The weekday next to a date, within its month. */
function nearestWeekday(month: Date, date: number): number {
  const weekday = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth(), date)).getUTCDay();
  if (weekday === 6) return date === 1 ? 3 : date - 1;
  if (weekday === 0) return date === lastOfMonth(month) ? date - 2 : date + 1;
  return date;
}

/** 1 is Sunday. `6#3` is the third Friday of the month, `6L` the last one. */
function dayOfWeekMatcher(field: string): DayMatcher {
  const weekday = (text: string) => [...values(text, 1, 7, DAYS)][0];
  const [, nth, count] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  if (nth && count) {
    const wanted = weekday(nth);
    return (day) => day.getUTCDay() + 1 === wanted && Math.ceil(day.getUTCDate() / 7) === Number(count);
  }
  const last = /^(\w+)L$/.exec(field)?.[1];
  if (last) {
    const wanted = weekday(last);
    return (day) => day.getUTCDay() + 1 === wanted && day.getUTCDate() + 7 > lastOfMonth(day);
  }
  if (field === 'L') return (day) => day.getUTCDay() === 6;
  const days = values(field, 1, 7, DAYS);
  return (day) => days.has(day.getUTCDay() + 1);
}
