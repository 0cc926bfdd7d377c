import type { SchemaDescription } from '../description.ts';
import { deliverySchemas } from './deliveries.ts';
import { errorSchemas } from './errors.ts';
import { eventDestinationSchemas } from './event-destinations.ts';
import { eventResendSchemas } from './event-resends.ts';
import { eventSourceSchemas } from './event-sources.ts';
import { eventSchemas } from './events.ts';
import { testHelperSchemas } from './test-helpers.ts';

/** Every schema of the document that has a name. */
export const schemaDescriptions = (
  regions: readonly string[] | undefined,
): Readonly<Record<string, SchemaDescription>> => ({
  ...eventDestinationSchemas(regions),
  ...eventSourceSchemas,
  ...eventSchemas,
  ...deliverySchemas,
  ...eventResendSchemas,
  ...testHelperSchemas,
  ...errorSchemas,
});
