import { ErrorResponse, V1ErrorResponse } from '../../error-response.ts';
import type { SchemaDescription } from '../description.ts';

const fields = {
  error: 'What went wrong.',
  'error.code': 'A short name for it.',
  'error.message': 'What is wrong and what to do, for whoever reads it.',
  'error.type': 'The kind of error, by which SDKs choose their class.',
} as const;

export const errorSchemas = {
  Error: { schema: ErrorResponse, description: 'The envelope of an error in API v2.', fields },
  V1Error: {
    schema: V1ErrorResponse,
    description: 'The envelope of an error in API v1.',
    fields: { ...fields, 'error.param': 'The parameter to blame.' },
  },
} as const satisfies Record<string, SchemaDescription>;
