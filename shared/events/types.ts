/**
 * Event type names. Thin events (API v2) begin with `v1.` or `v2.`; every other name is a snapshot event's (API v1). A
 * platform names its own types; Stripe's are the pattern: `customer.created`, `v2.core.account[identity].updated`.
 */
export type Payload = 'snapshot' | 'thin';

/** EventBridge's limit for a detail type. */
export const MAX_TYPE_LENGTH = 128;

const SEGMENT = '[a-z0-9_]+(?:\\[[a-z0-9_.]+\\])?';
const TYPE = new RegExp(`^${SEGMENT}(?:\\.${SEGMENT})+$`);
/** For whom a pattern serves better than a function. */
export const TYPE_PATTERN = TYPE.source;

export const isEventType = (name: string): boolean => name.length <= MAX_TYPE_LENGTH && TYPE.test(name);

export const payloadOf = (type: string): Payload => (/^v[12]\./.test(type) ? 'thin' : 'snapshot');

/** Types for which the platform waits for an answer: `*` does not include them, and EventBridge cannot answer. */
export const ANSWERED = new Set(['issuing_authorization.request']);

/** The thin event of a snapshot type, `v1.<type>`, needs it as much. */
export const needsAnswer = (type: string): boolean => ANSWERED.has(type.replace(/^v1\./, ''));
