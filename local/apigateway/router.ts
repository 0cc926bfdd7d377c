import type { ApiResource, Integration } from './template.ts';

export interface Route {
  readonly resource: ApiResource;
  readonly integration: Integration;
  /** As in the path, still percent-encoded. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the most specific pair of resource and method: an exact path part goes before `{name}`, which goes before
 * `{name+}`. A resource that fits the path but not the method does not end the search, so a catch-all gets what nothing
 * else takes. (Measured on AWS: github.com/ministackorg/ministack/pull/1423 and floci-io/floci/pull/3399.)
 */
export function findRoute(root: ApiResource, method: string, path: string): Route | undefined {
  // Trailing slashes do not matter to REST APIs.
  const segments = path.replace(/^\//, '').replace(/\/+$/, '').split('/');
  return search(root, method, segments[0] === '' && segments.length === 1 ? [] : segments, {});
}

function search(
  resource: ApiResource,
  method: string,
  segments: readonly string[],
  pathParameters: Readonly<Record<string, string>>,
): Route | undefined {
  const [segment, ...rest] = segments;
  if (segment === undefined) return routeTo(resource, method, pathParameters);
  for (const child of bySpecificity(resource.children)) {
    const name = parameterName(child);
    if (isGreedy(child)) {
      const route = routeTo(child, method, { ...pathParameters, [name ?? '']: segments.join('/') });
      if (route) return route;
    } else if (name !== undefined ? segment !== '' : child.pathPart === segment) {
      const bound = name === undefined ? pathParameters : { ...pathParameters, [name]: segment };
      const route = search(child, method, rest, bound);
      if (route) return route;
    }
  }
  return undefined;
}

function routeTo(resource: ApiResource, method: string, pathParameters: Route['pathParameters']): Route | undefined {
  const integration = resource.methods.get(method) ?? resource.methods.get('ANY');
  return integration && { resource, integration, pathParameters };
}

const parameterName = (resource: ApiResource): string | undefined => /^\{(.+?)\+?\}$/.exec(resource.pathPart)?.[1];

const isGreedy = (resource: ApiResource): boolean => resource.pathPart.endsWith('+}');

const bySpecificity = (children: readonly ApiResource[]): ApiResource[] => {
  const rank = (child: ApiResource) => (isGreedy(child) ? 2 : parameterName(child) === undefined ? 0 : 1);
  return children.toSorted((a, b) => rank(a) - rank(b));
};
