import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Stripe from 'stripe';
import type { Platform } from './platform.ts';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How a receiver answers a request; `hang` never does. */
export type Answering = (request: ReceivedRequest, response: ServerResponse) => unknown;

export const answer =
  (status: number, body = '', headers: Record<string, string> = {}): Answering =>
  (_request, response) =>
    response.writeHead(status, headers).end(body);
export const hang: Answering = () => undefined;

/** A customer's server on a loopback address: it keeps what it is sent, and answers as it is told. */
export interface Receiver {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  answering: Answering;
  /** How many connections were opened to it. */
  readonly connections: number;
  close(): Promise<void>;
}

export async function startReceiver(host = '127.0.0.1'): Promise<Receiver> {
  const requests: ReceivedRequest[] = [];
  let connections = 0;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = '', url: path = '', headers } = incoming;
    const request = { method, path, headers, body: Buffer.concat(chunks).toString() };
    requests.push(request);
    receiver.answering(request, response);
  });
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    requests,
    answering: answer(200),
    get connections() {
      return connections;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return receiver;
}

export interface Webhook {
  readonly id: string;
  readonly secret: string;
}

let names = 0;

/** A webhook destination in test mode, with its secret. */
export async function createWebhook(
  platform: Platform,
  url: string,
  changes: Partial<Stripe.V2.Core.EventDestinationCreateParams> = {},
  key = platform.seed.test_key,
): Promise<Webhook> {
  const { id, webhook_endpoint } = await platform.stripe(key).v2.core.eventDestinations.create({
    name: `Webhook ${++names}`,
    type: 'webhook_endpoint',
    event_payload: 'snapshot',
    enabled_events: ['customer.created'],
    webhook_endpoint: { url },
    include: ['webhook_endpoint.signing_secret'],
    ...changes,
  });
  return { id, secret: webhook_endpoint?.signing_secret ?? '' };
}
