import { EventEmitter } from 'node:events';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import { Readable } from 'node:stream';
import type { CallMessage, ReplyMessage } from './protocol.ts';

type OnResponse = (response: IncomingMessage) => void;

/**
 * The sandbox's wire to AWS. A request to the AWS port would go through a socket both ends of which are in this process, and
 * that is half of what a call takes; so it goes to the main thread as a message, and its answer comes as one. All that is
 * above it, the SDK's signature included, stays as it is, and requests to anywhere else go out as ever.
 *
 * Returns what takes the replies.
 */
export function installWire(awsUrl: string, send: (call: CallMessage) => void): (reply: ReplyMessage) => void {
  const { hostname, port } = new URL(awsUrl);
  const waiting = new Map<number, Call>();
  const request = http.request;
  let calls = 0;
  const wired = (options: RequestOptions, onResponse: OnResponse) => {
    if (options.host !== hostname || String(options.port) !== port) return request(options, onResponse);
    const id = ++calls;
    const call = new Call((body) => send({ type: 'call', call: id, headers: lowerCased(options.headers), body }));
    call.once('response', onResponse);
    call.once('close', () => waiting.delete(id));
    waiting.set(id, call);
    return call;
  };
  // The SDK's handler calls it with options; what is called with a URL is none of the SDK's.
  http.request = ((...args: [RequestOptions, OnResponse]) =>
    isOptions(args[0]) ? wired(...args) : request(...args)) as typeof http.request;
  return ({ call, ...reply }) => waiting.get(call)?.answer(reply);
}

const isOptions = (value: unknown): boolean => typeof value === 'object' && value !== null && !(value instanceof URL);

/** What is asked of a request's socket: this one is connected, stays so, and its other end always answers. */
const SOCKET = { connecting: false, setKeepAlive() {}, setTimeout() {}, removeListener() {}, destroy() {} };

/** What the SDK knows of a ClientRequest. Bodies are whole: no service here takes streams. */
class Call extends EventEmitter {
  readonly socket = SOCKET;
  readonly #send: (body: string) => void;

  constructor(send: (body: string) => void) {
    super();
    this.#send = send;
  }

  end(body: string | Uint8Array = ''): void {
    this.#send(typeof body === 'string' ? body : Buffer.from(body).toString());
  }

  destroy(error?: Error): void {
    if (error) this.emit('error', error);
    this.emit('close');
  }

  answer({ status, headers, body }: Pick<ReplyMessage, 'status' | 'headers' | 'body'>): void {
    const response = new Readable({ read() {} });
    response.push(body);
    response.push(null);
    const head = { statusCode: status, statusMessage: http.STATUS_CODES[status], headers, complete: true };
    this.emit('response', Object.assign(response, head));
    this.emit('close');
  }
}

const lowerCased = (headers: object = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
