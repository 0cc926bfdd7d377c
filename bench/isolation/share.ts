import { type RunOptions, run } from './run.ts';

/** One share in a process of its own: the clients of the service's own code keep the cloud that they first spoke to. */
const options: RunOptions = JSON.parse(process.argv[2] ?? '{}');
// A channel closed before it took a message this large loses it.
process.send?.(await run(options), () => process.disconnect());
