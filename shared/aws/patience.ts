/**
 * How long a call of AWS is waited for, by every client: the SDK's own time-out of five minutes is longer than any function
 * may take. One answer that never came would cost the function, and with it the whole batch that it works on; after this the
 * SDK asks again, on another connection. No call takes so long otherwise, also when it waits for one of the SDK's fifty
 * connections; that wait is why there is no shorter time-out for the connection.
 */
export const PATIENCE = { requestTimeout: 5000, throwOnRequestTimeout: true } as const;
