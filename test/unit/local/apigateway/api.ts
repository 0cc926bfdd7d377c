import { createServer, request, type Server } from 'node:http';
import { createRestApi, type RestApi } from '../../../../local/apigateway/rest-api.ts';
import type { TemplateResources } from '../../../../local/apigateway/template.ts';
import { Clock } from '../../../../local/clock.ts';
import { Lambda } from '../../../../local/lambda/lambda.ts';
import { functionOf } from '../lambda/functions.ts';

export const ACCOUNT = '111111111111';
export const START = Date.UTC(2026, 10, 21, 23, 57, 53);

type Resource = TemplateResources[string];

const of = (type: string, properties: Record<string, unknown>): Resource => ({
  Type: `AWS::ApiGateway::${type}`,
  Properties: { RestApiId: 'Api', ...properties },
});

export const resource = (parent: string, pathPart: string): Resource =>
  of('Resource', { ParentId: parent, PathPart: pathPart });

/** A method that is served by the function of this name. */
export const method = (resourceId: string, httpMethod: string, name: string, integration: object = {}): Resource =>
  of('Method', {
    ResourceId: resourceId,
    HttpMethod: httpMethod,
    AuthorizationType: 'NONE',
    Integration: {
      Type: 'AWS_PROXY',
      IntegrationHttpMethod: 'POST',
      Uri: `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${name}/invocations`,
      ...integration,
    },
  });

export const gatewayResponse = (responseType: string, properties: object): Resource =>
  of('GatewayResponse', { ResponseType: responseType, ...properties });

export const stage = (properties: object = {}): Resource => of('Stage', { StageName: 'live', ...properties });

/** An API on a port of its own, with functions that run in real sandboxes under a frozen clock. */
export class ServedApi {
  readonly clock = new Clock({ frozenAt: START });
  readonly lambda = new Lambda({ clock: this.clock, log: () => {} });
  readonly api: RestApi;
  readonly #server: Server;

  constructor(
    resources: TemplateResources,
    functions: Readonly<Record<string, string>>,
    restApi: Record<string, unknown> = {},
  ) {
    for (const [name, source] of Object.entries(functions)) this.lambda.register(functionOf(source, { name }));
    this.api = createRestApi({
      resources: { Api: { Type: 'AWS::ApiGateway::RestApi', Properties: restApi }, Stage: stage(), ...resources },
      apiId: 'Api',
      lambda: this.lambda,
      clock: this.clock,
      account: ACCOUNT,
      region: 'eu-west-1',
    });
    this.#server = createServer(this.api.handler);
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== 'object' || address === null) throw new Error('Call listen() first');
    return address.port;
  }

  fetch(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, init);
  }

  /** As `fetch`, but sends path and headers exactly as given; headers are a flat list of names and values. */
  raw(path: string, options: { method?: string; headers?: string[]; body?: string } = {}) {
    return new Promise<{ status: number | undefined; headers: string[]; body: string }>((resolve, reject) => {
      const headers = ['Host', 'api.test', ...(options.headers ?? [])];
      const req = request(
        { port: this.port, host: '127.0.0.1', path, method: options.method ?? 'GET', headers },
        (res) => {
          let body = '';
          res.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
          res.on('end', () => resolve({ status: res.statusCode, headers: res.rawHeaders, body }));
        },
      );
      req.on('error', reject).end(options.body);
    });
  }

  async close(): Promise<void> {
    await this.lambda.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.clock.close();
  }
}
