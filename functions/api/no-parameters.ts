import * as z from 'zod/mini';

/** The body of what takes none. */
export const NoParameters = z.strictObject({});
