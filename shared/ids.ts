import { createHash } from 'node:crypto';
import { decodeTime, encodeTime, incrementBase32, ulid } from 'ulid';

/**
 * Ids say where a record lives: a prefix, `test_` in test mode, and a ULID (48 bits of milliseconds, 80 random bits), so
 * that ids sort by time and a partition key is computed from the id alone.
 */
export type Prefix = 'evt' | 'ed' | 'roll' | 'resend';

const ULID_LENGTH = 26;
/** The first characters of a ULID are its time. */
const TIME_LENGTH = 10;
const RANDOM_LENGTH = ULID_LENGTH - TIME_LENGTH;
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

export const newId = (prefix: Prefix, livemode: boolean, now: number): string => compose(prefix, livemode, ulid(now));

/**
 * The id of something that was named elsewhere: the same name and instant give the same id, so that a redelivery is
 * recognized. The random part is the first 16 bytes of the name's SHA-256, five bits of each.
 */
export function derivedId(prefix: Prefix, livemode: boolean, at: number, name: string): string {
  const digest = createHash('sha256').update(name).digest();
  let next = 0;
  return compose(
    prefix,
    livemode,
    ulid(at, () => digest.readUInt8(next++) / 256),
  );
}

/** The id that comes so many places after another, of the same instant: those of one request keep its order in lists. */
export function idAfter(id: string, places: number): string {
  let unique = id.slice(-RANDOM_LENGTH);
  for (let place = 0; place < places; place += 1) unique = incrementBase32(unique);
  return id.slice(0, -RANDOM_LENGTH) + unique;
}

const compose = (prefix: Prefix, livemode: boolean, unique: string) => `${prefix}_${livemode ? '' : 'test_'}${unique}`;

/** Whether the text is an id of that kind and mode. */
export function isId(prefix: Prefix, livemode: boolean, text: string): boolean {
  const start = compose(prefix, livemode, '');
  return text.length === start.length + ULID_LENGTH && text.startsWith(start) && ULID.test(text.slice(start.length));
}

/** When the id was made, in ms since the epoch. */
export const timeOf = (id: string): number => decodeTime(id.slice(-ULID_LENGTH));

/** The UTC day, `2026-11-21`, under which the record is kept. */
export const dayOf = (id: string): string => new Date(timeOf(id)).toISOString().slice(0, 10);

/** The least id of that instant (ms), which no record has: an edge in a list of ids. */
export const firstIdAt = (prefix: Prefix, livemode: boolean, at: number): string =>
  compose(prefix, livemode, encodeTime(Math.max(0, at), TIME_LENGTH).padEnd(ULID_LENGTH, '0'));

/** An account's id is opaque: nothing is looked up by its time. */
export const newAccountId = (): string => `acct_${ulid()}`;
