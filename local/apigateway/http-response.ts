import type { ServerResponse } from 'node:http';

export interface HttpResponse {
  readonly statusCode: number;
  /** Names as they go out; a name may come several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string | Buffer;
}

export function send(res: ServerResponse, response: HttpResponse): void {
  const names = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of response.headers) {
    const known = names.get(name.toLowerCase());
    if (known) known.values.push(value);
    else names.set(name.toLowerCase(), { name, values: [value] });
  }
  for (const { name, values } of names.values()) {
    const [value, ...more] = values;
    if (value !== undefined) res.setHeader(name, more.length === 0 ? value : values);
  }
  res.setHeader('Date', new Date().toUTCString());
  res.statusCode = response.statusCode;
  const mayHaveBody = response.statusCode !== 204 && response.statusCode !== 304;
  if (mayHaveBody) res.setHeader('Content-Length', Buffer.byteLength(response.body));
  res.end(response.body);
}
