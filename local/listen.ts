import { createServer, type Server } from 'node:http';

/** Somebody else has the port. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** Listens on the loopback interface alone: nobody else on the network can reach it. Gives the port. */
export async function listen(server: Server, port: number, variable: string): Promise<number> {
  // A connection that a function keeps may rest for days of virtual time, and must not be cut just as it is used again.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const taken = 'code' in error && error.code === 'EADDRINUSE';
      reject(taken ? new PortTakenError(`Port ${port} is taken: set ${variable} to a free one`) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address.port;
}

/** Throws a PortTakenError where `listen` would. */
export async function assertFree(port: number, variable: string): Promise<void> {
  const server = createServer();
  await listen(server, port, variable);
  await closeServer(server);
}

export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
