import type { z } from 'zod';
import type * as mini from 'zod/mini';
import type { ErrorCode } from './errors.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A schema of the document: the one that validates the request, or of which the rendering's type is inferred. */
export interface SchemaDescription {
  readonly schema: mini.ZodMiniType;
  readonly description: string;
  /**
   * What each field is, by its path: `name`, `amazon_eventbridge.aws_region`, `attempts.message`. As an object it says
   * also what the zod schema cannot, because code checks it. `null` takes a field away that is always refused.
   */
  readonly fields: Readonly<Record<string, FieldDescription>>;
  /** What is checked across fields. */
  readonly also?: JsonSchema;
}
export type FieldDescription = string | (JsonSchema & { readonly description: string }) | null;

export interface OperationDescription {
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly query?: readonly Parameter[];
  readonly body?: BodyDescription;
  /** The name of the schema of a success, or of several, and one. */
  readonly answer: {
    readonly schema: string | readonly string[];
    readonly description: string;
    readonly example: unknown;
  };
  /** The codes of errors that it answers besides those that every operation of its kind does. */
  readonly errors: readonly ErrorCode[];
}

export interface BodyDescription {
  /** The name of the schema, or of several of which one fits. */
  readonly schema: string | readonly string[];
  readonly example: unknown;
  /** It may be left out. */
  readonly optional?: true;
  /** It may be form-encoded, as API v1's tools do. */
  readonly form?: true;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'query';
  readonly description: string;
  readonly schema: JsonSchema;
}

/** An answer by its status, or where it is described. */
export type ResponseObject =
  | { readonly $ref: string }
  | {
      readonly description: string;
      readonly headers: object;
      readonly content: {
        readonly 'application/json': {
          readonly schema: JsonSchema;
          readonly example?: unknown;
          readonly examples?: object;
        };
      };
    };

export const TAGS = {
  'Event destinations': 'Where an account’s events are sent.',
  Events: 'What happened: published by the platform, delivered to destinations, and readable for 30 days.',
  'Test helpers': 'Only in test mode.',
  Deliveries: 'What became of each event at each destination.',
} as const;
type Tag = keyof typeof TAGS;
