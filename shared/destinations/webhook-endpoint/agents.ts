import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

export interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

/**
 * A sandbox has 1,024 file descriptors, for the AWS SDK as well. So these are all the connections that an agent keeps, to
 * however many hosts: with the ten that a batch uses at once, both agents' are 138 at most. Receivers close what is idle
 * after a minute or so: half of that, and a kept connection seldom turns out to be closed. One that says in `Keep-Alive` that
 * it closes sooner is believed.
 */
export const KEPT = { connections: 64, idleMs: 30_000 } as const;

/** Agents that use each connection once. */
export const singleUse = (): Agents => ({ http: new HttpAgent(), https: new HttpsAgent() });

/** Agents that keep connections; node closes them when they were idle for so long, and none that waits for an answer. */
export function keeping(idleMs: number): Agents {
  const options = { keepAlive: true, timeout: idleMs };
  return { http: bounded(new HttpAgent(options)), https: bounded(new HttpsAgent(options)) };
}

/**
 * Of what an agent keeps, a connection to the host that has been idle longest makes room for the next one. node itself
 * bounds what is kept for each host; its bound for all hosts counts what is idle, and has requests to others wait for that.
 */
function bounded<A extends HttpAgent>(agent: A): A {
  const keep = agent.keepSocketAlive.bind(agent);
  agent.keepSocketAlive = (socket) => {
    const idle = Object.values(agent.freeSockets).flatMap((sockets = []) => sockets.filter((one) => !one.destroyed));
    if (idle.length >= KEPT.connections) idle[0]?.destroy();
    // Whether it can be kept is what it answers.
    return keep(socket);
  };
  return agent;
}
