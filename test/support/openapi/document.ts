import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { openApiDocument } from '../../../functions/api/openapi/document.ts';
import { type PublicRoute, publicRoutes, type Route, routes } from '../../../functions/api/routes.ts';

type AnyRoute = Route | PublicRoute;

/** openapi.json as the service serves it, but for the Regions of a deployment. */
export const document = openApiDocument();

const escaped = (name: string) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));

/** The schemas of a document, ready to validate. */
export function compiled(of: typeof document) {
  // `constructor` is a key like any other.
  const ajv = new Ajv2020({ strict: false, allErrors: true, ownProperties: true, validateSchema: false });
  addFormats.default(ajv);
  ajv.addSchema(of, 'openapi.json');
  /** The schema at that place, if there is one. */
  const schemaAt = (...path: string[]): ValidateFunction | undefined =>
    ajv.getSchema(`openapi.json#/${path.map(escaped).join('/')}`);
  const schemaNamed = (name: string): ValidateFunction => {
    const found = schemaAt('components', 'schemas', name);
    if (!found) throw new Error(`openapi.json has no schema ${name}`);
    return found;
  };
  return { schemaAt, schemaNamed };
}

const { schemaAt, schemaNamed } = compiled(document);

export { schemaNamed };

/** The schema of an answer with that status, also where the document refers to a response that many have. */
export function answerSchema({ path, method }: AnyRoute, status: number): ValidateFunction | undefined {
  const response = document.paths[path]?.[method.toLowerCase()]?.responses[status];
  if (!response) return undefined;
  const at =
    '$ref' in response
      ? response.$ref.split('/').slice(1)
      : ['paths', path, method.toLowerCase(), 'responses', String(status)];
  return schemaAt(...at, 'content', 'application/json', 'schema');
}

export const bodySchema = ({ path, method }: AnyRoute, contentType: string): ValidateFunction | undefined =>
  schemaAt('paths', path, method.toLowerCase(), 'requestBody', 'content', contentType, 'schema');

/** The route of a request's path, without its query. Fixed parts go before `{id}`. */
export function routeOf(method: string, path: string): AnyRoute | undefined {
  const parts = path.replace(/\/+$/, '').split('/');
  const fitting = [...routes, ...publicRoutes].filter((route) => {
    const wanted = route.path.split('/');
    return (
      route.method === method &&
      wanted.length === parts.length &&
      wanted.every((part, index) => (part.startsWith('{') ? parts[index] !== '' : part === parts[index]))
    );
  });
  return fitting.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

/** `data/0: must NOT have additional properties 'color'` */
export const problemsOf = (errors: readonly ErrorObject[] | null | undefined): string =>
  (errors ?? [])
    .map(({ instancePath, message, params }) => {
      const named = Object.values(params).filter((value) => typeof value === 'string' || Array.isArray(value));
      return `${instancePath.slice(1) || 'the body'}: ${message} ${JSON.stringify(named)}`;
    })
    .join('; ');
