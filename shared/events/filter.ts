import { type Payload, payloadOf } from './types.ts';

/** Which of an account's events a list is to show; how they were created in time is the list's stretch. */
export interface EventFilter {
  /** API v1 lists snapshot events and v2 thin ones. */
  readonly payload: Payload;
  /** Exact names. */
  readonly types?: readonly string[] | undefined;
  /** A name in which `*` stands for anything: `customer.*`. */
  readonly pattern?: string | undefined;
  readonly objectId?: string | undefined;
  /** Whether all of the account's own destinations have the event. */
  readonly deliverySuccess?: boolean | undefined;
}

export function matchesType({ payload, types, pattern }: EventFilter, type: string): boolean {
  if (payloadOf(type) !== payload) return false;
  if (types && !types.includes(type)) return false;
  return pattern === undefined || matchesPattern(pattern, type);
}

/** Part by part instead of by a regular expression, which a pattern of many stars could keep busy. */
function matchesPattern(pattern: string, type: string): boolean {
  const [start = '', ...rest] = pattern.split('*');
  const end = rest.pop();
  if (end === undefined) return type === pattern;
  if (!type.startsWith(start)) return false;
  let at = start.length;
  for (const part of rest) {
    const found = type.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return type.length - end.length >= at && type.endsWith(end);
}

/** Whether a filter leaves out part of what is read: a page may then have to read more than it shows. */
export const isSelective = (filter: EventFilter): boolean =>
  filter.types !== undefined || filter.pattern !== undefined || filter.deliverySuccess !== undefined;
