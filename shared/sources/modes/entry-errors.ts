/**
 * Entry errors that say nothing about the destination. Any other is the destination's: of PutPartnerEvents the list is not
 * published, and of PutEvents all others are the customer's bus's.
 */
const OURS = new Set(['InternalFailure', 'InternalException', 'Internal Service Error', 'ThrottlingException']);

export const isOurs = (code: string): boolean => OURS.has(code);
