import { operations } from './operations/index.ts';
import { apiRoutes } from './routes.ts';
import { apiHandler, served } from './serve.ts';

/** The HTTPS API of event destinations. What every request has in common is in serve.ts, each operation in a file of its own. */
export const handler = apiHandler(served(apiRoutes, operations));
