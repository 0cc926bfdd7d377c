/**
 * Whether one is of that share (0 to 1) of all, by an id that ends in twelve random hexadecimal digits, as trace ids and
 * UUIDs do: everybody who asks decides the same. Those of a smaller share are among those of a larger.
 */
export const isDrawn = (id: string, share: number): boolean =>
  // OpenTelemetry's samplers go by the end of a trace's id, too: the highest are drawn.
  Number.parseInt(id.slice(-DIGITS), 16) >= (1 - share) * 16 ** DIGITS;
const DIGITS = 12;

/** Of what succeeds and happens for each event, for which there is a log line; unset where there is none. */
export const successLogShare = (): number => Number(process.env.SUCCESS_LOG_SHARE ?? 0);
