import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A command line that cannot be read: the user's to put right, in one line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** As `parseArgs`; throws UsageError for an option that is unknown or lacks its value. */
export function parseArguments<T extends ParseArgsConfig>(config: T): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // What node says further is of arguments that begin with a dash, and of a way to quote them that npm does not pass on.
    throw new UsageError(error.message.split('. To specify')[0]);
  }
}
