import { testHelperRoutes } from '../api/routes.ts';
import { apiHandler, served } from '../api/serve.ts';
import { listTestEventTypes, triggerTestEvent } from './trigger-test-event.ts';

/** What customers try their own side with, in test mode. Apart from the rest of the API, whose cold starts it would make longer. */
export const handler = apiHandler(served(testHelperRoutes, { listTestEventTypes, triggerTestEvent }));
