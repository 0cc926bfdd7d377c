import type { JsonObject } from './json.ts';

/** The event as rules match it and targets receive it. Its keys stand in the order in which AWS sends them. */
export type Envelope = {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 in whole seconds: `2024-03-07T18:27:56Z`. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
};

/** From milliseconds since the epoch. */
export const isoSeconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;
