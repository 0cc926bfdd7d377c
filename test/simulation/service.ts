import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** A boot takes seconds; on a busy machine many of them. */
const MOST_BOOT_MS = 180_000;

export interface Seed {
  readonly account: string;
  readonly test_key: string;
  readonly customer_account_id: string;
}

interface QueueStatus {
  readonly account: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** The service as `npm start -- --data DIR` runs it, in a process that can be killed and started again. */
export class Service {
  readonly #data: string;
  readonly #ports: { readonly api: number; readonly aws: number };
  #process: ChildProcess | undefined;

  private constructor(data: string, ports: { api: number; aws: number }) {
    this.#data = data;
    this.#ports = ports;
  }

  static async start(data: string): Promise<Service> {
    const service = new Service(data, { api: await freePort(), aws: await freePort() });
    await service.boot();
    return service;
  }

  get apiUrl(): string {
    return `http://127.0.0.1:${this.#ports.api}`;
  }

  get awsUrl(): string {
    return `http://127.0.0.1:${this.#ports.aws}`;
  }

  get seed(): Seed {
    return JSON.parse(readFileSync(join(this.#data, 'seed.json'), 'utf8'));
  }

  async boot(): Promise<void> {
    const env = { ...process.env, PORT: String(this.#ports.api), AWS_PORT: String(this.#ports.aws) };
    const child = spawn(process.execPath, ['local/main.ts', '--data', this.#data], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output = (output + chunk).slice(-10_000);
      });
    const deadline = performance.now() + MOST_BOOT_MS;
    while (!output.includes('Ctrl-C ends them')) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error(`It did not start: ${output}`);
      await sleep(50);
    }
  }

  /** As the machine would end it: no signal that it could see, no chance to write anything. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  async advance(by: string): Promise<void> {
    await this.#control('advance', { by });
  }

  /** Whether no queue of the service's own holds a message. */
  async isIdle(): Promise<boolean> {
    const { queues } = (await (await fetch(`${this.awsUrl}/_local/status`)).json()) as { queues: QueueStatus[] };
    const own = queues.filter(({ account }) => account === '000000000000');
    return own.every(({ visible, inFlight, delayed }) => visible + inFlight + delayed === 0);
  }

  // biome-ignore lint/suspicious/noExplicitAny: an answer is looked into as the simulation expects it to be
  async request(method: string, path: string, body?: object): Promise<any> {
    const response = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.seed.test_key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (response.status === 429) {
      await sleep(Number(response.headers.get('retry-after')) * 1000);
      return this.request(method, path, body);
    }
    const answer = await response.json();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** By node:http, because a jump over a long backlog may take longer than the five minutes that `fetch` waits. */
  async #control(what: string, body: object): Promise<void> {
    const answered = Promise.withResolvers<IncomingMessage>();
    const sent = request(`${this.awsUrl}/_local/${what}`, { method: 'POST' }, answered.resolve);
    sent.on('error', answered.reject).end(JSON.stringify(body));
    const answer = await answered.promise;
    const said = await text(answer);
    if (answer.statusCode !== 200) throw new Error(`${what}: ${said}`);
  }
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    }),
  );
}
