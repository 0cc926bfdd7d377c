import { accessSync, constants, mkdirSync } from 'node:fs';
import { parseArguments, UsageError } from './arguments.ts';
import { assertFree, PortTakenError } from './listen.ts';

const USAGE = `npm start [-- --data DIR]

  --data DIR   keep everything in DIR, so that the next start goes on where this one ended

  PORT (4242) is the API's port, AWS_PORT (4566) that of the AWS services; both are on 127.0.0.1 alone.`;

/** Runs the whole service on this computer, until Ctrl-C. */
async function main(): Promise<void> {
  const { values } = parseArguments({
    options: { data: { type: 'string' }, help: { type: 'boolean', default: false } },
  });
  if (values.help) return console.log(USAGE);
  const ports = { apiPort: portFrom('PORT', 4242), awsPort: portFrom('AWS_PORT', 4566) };
  if (values.data !== undefined) assertFolder(values.data);
  await assertFree(ports.apiPort, 'PORT');
  await assertFree(ports.awsPort, 'AWS_PORT');
  // Loaded here, so that what the user can put right is answered at once.
  const { ensureSynthesized } = await import('./synth.ts');
  const cdkOut = await ensureSynthesized(console.log);
  const { startCloud } = await import('./cloud.ts');
  const cloud = await startCloud({ ...ports, cdkOut, dataDir: values.data });
  const signal = endOnSignal(cloud.close);
  const { seedOnce } = await import('./seed.ts');
  const { quickstart, writeEnvFile } = await import('./quickstart.ts');
  try {
    const seed = await seedOnce(cloud.serviceEnv, values.data);
    writeEnvFile(cloud, seed);
    console.log(quickstart(cloud, seed));
  } catch (error) {
    // Ctrl-C reaches the seed as well.
    if (!signal.came) throw error;
  }
}

/** Makes the folder if it is not there. Throws UsageError if nothing can be kept in it. */
function assertFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new UsageError(`--data ${path} is no folder to write to: ${error instanceof Error ? error.message : error}`);
  }
}

function portFrom(variable: string, fallback: number): number {
  const port = Number(process.env[variable] || fallback);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new PortTakenError(`${variable}=${process.env[variable]} is no port: use a number up to 65535`);
}

/** The first signal closes in order, a second one does not wait for it. */
function endOnSignal(close: () => Promise<void>): { came: boolean } {
  const signal = { came: false };
  const end = () => {
    if (signal.came) process.exit(130);
    signal.came = true;
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  return signal;
}

main().catch((error: unknown) => {
  // What the user can put right is one line; anything else is a fault of ours, and shows where.
  const known = error instanceof PortTakenError || (error instanceof Error && error.message.startsWith('cdk synth'));
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`);
  else console.error(known ? error.message : error);
  process.exit(error instanceof UsageError ? 2 : 1);
});
