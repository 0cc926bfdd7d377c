import { z } from 'zod';
import { json } from '../../../shared/events/event.ts';
import type { FieldDescription, JsonSchema, SchemaDescription } from './description.ts';

const REF = '#/components/schemas/';
export const refTo = (name: string | readonly string[]): JsonSchema =>
  typeof name === 'string' ? { $ref: `${REF}${name}` } : { anyOf: name.map((one) => refTo(one)) };

/** The zod schemas as JSON Schema, each by its name; one that is part of another is referred to. */
export function toJsonSchemas(descriptions: Readonly<Record<string, SchemaDescription>>): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, { schema }] of Object.entries(descriptions)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { ...OPTIONS, uri: (id) => `${REF}${id}` });
  return Object.fromEntries(
    Object.entries(descriptions).map(([name, description]) => {
      const { $schema, $id, ...schema } = schemas[name] ?? {};
      return [name, described(name, schema, description)];
    }),
  );
}

/** One that has no name. */
export function toJsonSchema(schema: z.core.$ZodType): JsonSchema {
  const { $schema, ...converted } = z.toJSONSchema(schema, OPTIONS);
  return converted;
}

const OPTIONS = { io: 'input', unrepresentable: 'any', override: mend } as const;

/**
 * What only code can check would be left out in silence, and what is checked before a schema would hide it; zod's patterns
 * of times say less to a reader than the format.
 */
function mend({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: JsonSchema }): void {
  const { def } = zodSchema._zod;
  if (def.type === 'pipe') Object.assign(jsonSchema, toJsonSchema(def.out));
  if (zodSchema === json) jsonSchema.type = 'object';
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

function described(name: string, schema: JsonSchema, { description, fields, also }: SchemaDescription): JsonSchema {
  for (const [path, field] of Object.entries(fields)) describeField(name, schema, path, field);
  return { description, ...schema, ...also };
}

function describeField(name: string, schema: JsonSchema, path: string, description: FieldDescription): void {
  const [last = '', ...parents] = path.split('.').reverse();
  const parent = parents.reverse().reduce<JsonSchema | undefined>((of, part) => propertiesOf(of)?.[part], schema);
  const properties = propertiesOf(parent);
  const field = properties?.[last];
  if (!properties || !field) throw new Error(`${name} has no field ${path}: describe it by the name that it has`);
  if (description === null) delete properties[last];
  else Object.assign(field, typeof description === 'string' ? { description } : description);
}

/** The properties of an object, of a list's objects, or of what may be null besides. */
function propertiesOf(schema: JsonSchema | undefined): Record<string, JsonSchema> | undefined {
  if (schema?.properties) return schema.properties as Record<string, JsonSchema>;
  if (schema?.items) return propertiesOf(schema.items as JsonSchema);
  return schema?.anyOf?.map((one) => propertiesOf(one as JsonSchema)).find(Boolean);
}
