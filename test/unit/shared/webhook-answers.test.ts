import { type AddressInfo, createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../shared/destinations/webhook-endpoint/client.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A receiver below HTTP: it does what it wants with the connection, once something has come by it. */
async function listen(answering: (socket: Socket) => void, on: 'data' | 'connection' = 'data') {
  const closed = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    closers.push(() => socket.destroy());
    // It is the sender who breaks off here.
    socket.on('error', closed.resolve).on('close', closed.resolve);
    if (on === 'data') socket.once('data', () => answering(socket));
    else answering(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, closed: closed.promise };
}

/** The real client, whose total is short enough to be waited for. */
const TOTAL_MS = 400;
const post = (url: string, totalMs = 10_000, body = '{}') =>
  createClient({ allowed: 'loopback', totalMs, connectMs: totalMs })({ url, headers: {}, body });

/** Writes something again and again, a little at a time, for as long as the connection is there. */
function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  closers.push(() => clearInterval(timer));
}

const LATE = { failure: 'Timed out', detail: 'There was no answer in time.' };

describe('the answer of a receiver', () => {
  it('in gzip is shown unpacked', async () => {
    const body = gzipSync('A plain explanation of what is wrong');
    const { url } = await listen((socket) => {
      socket.write(`HTTP/1.1 422 No\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    });
    expect(await post(url)).toMatchObject({ status: 422, excerpt: 'A plain explanation of what is wrong' });
  });

  it.each([
    ['a bomb of gzip', gzipSync(Buffer.alloc(10_000_000))],
    ['no gzip at all', Buffer.from('plain')],
  ])('that is %s counts by its status, and has no excerpt', async (_what, body) => {
    const { url } = await listen((socket) => {
      socket.write(`HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`);
      socket.write(body);
    });
    expect(await post(url)).toMatchObject({ status: 500, excerpt: '' });
  });

  it('whose body never ends is cut, and the connection closed, as soon as there is enough of it', async () => {
    const { url, closed } = await listen((socket) => {
      const pour = () => {
        while (socket.writable && socket.write('x'.repeat(10_000)));
      };
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.on('drain', pour);
      pour();
    });
    expect(await post(url)).toMatchObject({ status: 200, excerpt: 'x'.repeat(512) });
    await closed;
  });

  it('whose body trickles is cut by the total time-out, and counts by its status', async () => {
    const { url, closed } = await listen((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      drip(socket, 'x');
    });
    expect(await post(url, 2 * TOTAL_MS)).toMatchObject({ status: 200, excerpt: expect.stringMatching(/^x+$/) });
    await closed;
  });

  it.each([
    ['', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    [' and is the last of its connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n'],
  ])('that comes before the request was read%s counts, and the connection is closed', async (_what, head) => {
    let receiver: Socket | undefined;
    const { url, closed } = await listen((socket) => {
      receiver = socket.pause();
      socket.write(head);
    });
    // More than both ends of the connection hold between them.
    const body = 'x'.repeat(16_000_000);
    expect(await post(url, 10_000, body)).toMatchObject({ status: 200 });
    // What was on its way is all that there is to read: nobody goes on sending.
    receiver?.resume();
    await closed;
    expect(receiver?.bytesRead).toBeLessThan(body.length);
  });

  it.each([
    ['breaks off', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc'],
    ['is no valid chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n'],
  ])('whose body %s counts by its status', async (_how, text) => {
    const { url } = await listen((socket) => socket.end(text));
    expect(await post(url)).toMatchObject({ status: 200 });
  });

  it.each([
    ['headers that trickle', 'HTTP/1.1 200 OK\r\n', 'x-more: 1\r\n'],
    ['one header without an end', 'HTTP/1.1 200 OK\r\nx-long: ', 'x'],
    ['100 Continue for ever', '', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['nothing', '', ''],
  ])('with %s is ended by the total time-out', async (_what, head, more) => {
    const { url, closed } = await listen((socket) => {
      socket.write(head);
      drip(socket, more);
    });
    expect(await post(url, TOTAL_MS)).toMatchObject(LATE);
    await closed;
  });

  it('is not waited for without end by a handshake that does not go on', async () => {
    const { url } = await listen((socket) => drip(socket, ''), 'connection');
    const detail = 'There was no connection in time.';
    expect(await post(url.replace('http:', 'https:'), TOTAL_MS)).toMatchObject({ failure: 'Timed out', detail });
  });

  it('that wants another protocol is a failure, and its connection is closed', async () => {
    const { url, closed } = await listen((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n'),
    );
    expect(await post(url)).toMatchObject({ status: 101, excerpt: '' });
    await closed;
  });

  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'Invalid response'],
    ['has headers of 100 KB', `HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`, 'Invalid response'],
    ['never came', '', 'Connection closed'],
    ['is only the beginning of one', 'HTTP/1.1 200', 'Connection closed'],
  ])('that %s is a failure', async (_what, text, failure) => {
    const { url } = await listen((socket) => socket.end(text));
    expect(await post(url)).toMatchObject({ failure });
  });
});
