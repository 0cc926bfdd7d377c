import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

export interface SlowListener {
  readonly port: number;
  /** From now on it accepts connections and answers requests with 200. */
  accept(): void;
  close(): Promise<void>;
}

/** Its thread sleeps until it is told to go on, so that it is the kernel that takes connections, as many as the backlog has. */
const LISTENER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const server = require('node:http').createServer((request, response) => request.resume().on('end', () => response.end()));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    Atomics.wait(workerData, 0, 0);
  });`;

/**
 * A listener on 127.0.0.1 whose backlog is full: it takes no connection and refuses none. A connection that is begun before
 * it accepts takes one second: that is when the kernel sends the lost first packet once more.
 */
export async function startSlowListener(): Promise<SlowListener> {
  const awake = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(LISTENER, { eval: true, workerData: awake });
  const port = await new Promise<number>((resolve) => thread.once('message', resolve));
  const waiting: Socket[] = [];
  do waiting.push(connect(port, '127.0.0.1').on('error', () => undefined));
  while (await isTaken(waiting.at(-1)));
  const accept = () => {
    Atomics.store(awake, 0, 1);
    Atomics.notify(awake, 0);
  };
  const close = async () => {
    for (const socket of waiting) socket.destroy();
    accept();
    await thread.terminate();
  };
  return { port, accept, close };
}

const isTaken = (socket: Socket | undefined): Promise<boolean> =>
  Promise.race([new Promise<true>((resolve) => socket?.once('connect', () => resolve(true))), sleep(100, false)]);
