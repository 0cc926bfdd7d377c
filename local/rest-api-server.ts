import { createServer, type Server } from 'node:http';
import { createRestApi, type RestApi } from './apigateway/rest-api.ts';
import type { Caller } from './aws-error.ts';
import type { Clock } from './clock.ts';
import type { Lambda } from './lambda/lambda.ts';
import type { LoadedStack } from './templates/load-stacks.ts';

export interface RestApiParts {
  readonly owner: Caller;
  readonly clock: Clock;
  readonly lambda: Lambda;
  readonly log: (line: string) => void;
}

/** The HTTP server of the templates' one REST API. */
export function createRestApiServer(
  stacks: readonly LoadedStack[],
  parts: RestApiParts,
): { server: Server; api: RestApi | undefined } {
  const [found, ...others] = stacks.flatMap(({ resources }) =>
    resources
      .filter(({ type }) => type === 'AWS::ApiGateway::RestApi')
      .map(({ logicalId }) => ({ logicalId, resources })),
  );
  if (others.length > 0) throw new Error('The templates have several REST APIs: the embedded cloud serves one');
  if (!found) {
    const server = createServer((_request, response) =>
      response.writeHead(404).end('The templates have no REST API\n'),
    );
    return { server, api: undefined };
  }
  const resources = found.resources.map(
    ({ logicalId, type, properties }) => [logicalId, { Type: type, Properties: { ...properties.values } }] as const,
  );
  const { owner, clock, lambda, log } = parts;
  const api = createRestApi({
    resources: Object.fromEntries(resources),
    apiId: found.logicalId,
    lambda,
    clock,
    ...owner,
  });
  const server = createServer((request, response) => {
    api.handler(request, response).catch((error: unknown) => {
      log(`API: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    });
  });
  return { server, api };
}
