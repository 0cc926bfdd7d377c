import { createServer, type ServerResponse } from 'node:http';
import { parentPort } from 'node:worker_threads';

/**
 * The customers' servers, in a thread of their own so that they answer however busy the cloud is. `/answers/…` answers at once,
 * `/hangs/…` does so until it is told to hang, and then never. Tells when each event arrived, once a second.
 */
export type ReceiverMessage = { readonly port: number } | { readonly arrived: readonly (readonly [string, number])[] };

const port = parentPort;
if (!port) throw new Error('receiver.ts runs only as a worker thread');
const tell = (message: ReceiverMessage): void => port.postMessage(message);

const hanging = new Set<ServerResponse>();
let arrived: [string, number][] = [];
let hangs = false;
port.on('message', (message: 'hang') => {
  hangs = message === 'hang';
});

const server = createServer(async (request, response) => {
  const at = performance.timeOrigin + performance.now();
  if (hangs && request.url?.startsWith('/hangs/')) {
    hanging.add(response);
    response.on('close', () => hanging.delete(response));
    request.resume();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { data }: { data: { object: { id: string } } } = JSON.parse(Buffer.concat(chunks).toString());
  arrived.push([data.object.id, at]);
  response.writeHead(200).end();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address) tell({ port: address.port });
});
setInterval(() => {
  if (arrived.length > 0) tell({ arrived });
  arrived = [];
}, 1000);
