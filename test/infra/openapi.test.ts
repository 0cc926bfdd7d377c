import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import type { JsonSchema } from '../../functions/api/openapi/description.ts';
import { openApiDocument } from '../../functions/api/openapi/document.ts';
import { errors } from '../../functions/api/openapi/errors.ts';
import { operationDescriptions } from '../../functions/api/openapi/operations/index.ts';
import { routes } from '../../functions/api/routes.ts';
import { answerSchema, bodySchema, document, problemsOf, schemaNamed } from '../support/openapi/document.ts';

const described = routes.map((route) => ({ route, operation: operationDescriptions[route.operation] }));

describe('openapi.json', () => {
  it('is a valid OpenAPI 3.1 document, whose every reference leads somewhere', async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(openApiDocument({ regions: ['us-east-1'] })));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe('3.1');
    expect(() => validator.resolveRefs()).not.toThrow();
  });

  it.each(routes)('describes $method $path', ({ method, path, operation, scope }) => {
    const described = document.paths[path]?.[method.toLowerCase()];
    expect(described).toMatchObject({
      operationId: operation,
      summary: expect.stringMatching(/^[A-Z]/),
      description: expect.stringContaining(scope),
      security: expect.arrayContaining([{ bearer: [scope] }]),
    });
    const names = described?.parameters.map((parameter) => ('name' in parameter ? parameter.name : parameter.$ref));
    expect(names).toContain('#/components/parameters/StripeVersion');
    if (path.includes('{id}')) expect(names).toContain('#/components/parameters/Id');
    if (method !== 'GET') expect(names).toContain('#/components/parameters/IdempotencyKey');
    expect(described?.responses).toHaveProperty('401');
  });

  it('describes every field of every schema', () => {
    const undescribed = Object.entries(document.components.schemas).flatMap(([name, schema]) =>
      fieldsOf(schema, name).filter(([, field]) => !field.description && !field.$ref),
    );
    expect(undescribed.map(([path]) => path)).toEqual([]);
  });

  it('describes no operation, and no code of an error, that there is not', () => {
    expect(Object.keys(operationDescriptions).sort()).toEqual(routes.map(({ operation }) => operation).sort());
    const responses = JSON.stringify([document.paths, document.components.responses]);
    const named = new Set<string>(responses.match(/(?<=#\/components\/examples\/)\w+/g));
    expect(Object.keys(errors).filter((code) => !named.has(code))).toEqual(['method_not_allowed']);
  });

  it.each(described)('has examples for $route.operation that its own schemas accept', ({ route, operation }) => {
    const answer = answerSchema(route, 200);
    expect(answer?.(operation.answer.example), problemsOf(answer?.errors)).toBe(true);
    if (operation.body) {
      const body = bodySchema(route, 'application/json');
      expect(body?.(operation.body.example), problemsOf(body?.errors)).toBe(true);
    }
  });

  it.each(Object.entries(document.components.examples))('has an example of %s in the envelope', (_, example) => {
    expect(schemaNamed('Error')(example.value)).toBe(true);
  });
});

/** Every field of an object schema, however deep, by its path. */
function fieldsOf(schema: JsonSchema, path: string): [string, JsonSchema][] {
  const inner = [schema.items, ...(schema.anyOf ?? [])].filter((one) => typeof one === 'object') as JsonSchema[];
  const own = Object.entries(schema.properties ?? {}).filter(([, field]) => typeof field === 'object');
  return [
    ...own.flatMap(([name, field]): [string, JsonSchema][] => [
      [`${path}.${name}`, field as JsonSchema],
      ...fieldsOf(field as JsonSchema, `${path}.${name}`),
    ]),
    ...inner.flatMap((one) => fieldsOf(one, path)),
  ];
}
