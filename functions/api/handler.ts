import { operations, publicOperations } from './operations/index.ts';
import { apiRoutes, publicRoutes } from './routes.ts';
import { apiHandler, served, servedToAll } from './serve.ts';

/** The HTTPS API of event destinations. What every request has in common is in serve.ts, each operation in a file of its own. */
export const handler = apiHandler([...served(apiRoutes, operations), ...servedToAll(publicRoutes, publicOperations)]);
