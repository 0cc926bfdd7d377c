export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** RFC 3339 in UTC with milliseconds: `2024-10-22T16:20:09.931Z`, as in API v2. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();
export const unixSeconds = (ms: number): number => Math.floor(ms / SECOND);

/** TTL deletes late (within two days, typically), here as on AWS; reads filter by the retention itself. */
const TTL_GRACE_DAYS = 5;

const retentionDays = (): number => Number(process.env.RETENTION_DAYS ?? 30);
/** The `ttl` attribute (unix seconds) of a record that belongs to an event of that time. */
export const expiry = (createdMs: number): number => unixSeconds(createdMs + (retentionDays() + TTL_GRACE_DAYS) * DAY);
/** What is older than this instant (ms) can no longer be read. */
export const oldestReadable = (now: number): number => now - retentionDays() * DAY;
export const isExpired = (createdMs: number, now: number): boolean => createdMs < oldestReadable(now);
/** Until when what was created at that instant can be read, ms. */
export const readableUntil = (createdMs: number): number => createdMs + retentionDays() * DAY;
