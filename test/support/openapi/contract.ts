import { answerSchema, bodySchema, problemsOf, routeOf, schemaNamed } from './document.ts';

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly requestType?: string | undefined;
  readonly requestBody?: string | undefined;
  readonly status: number;
  readonly answer: unknown;
}

/** What is answered is what openapi.json says, and what is accepted is what it allows. */
export class Contract {
  readonly #broken: string[] = [];

  /** Throws with operation, path and problem. What is caught on the way is thrown again by `assertKept`. */
  check(exchange: Exchange): void {
    const problem = problemOf(exchange);
    if (problem === undefined) return;
    this.#broken.push(problem);
    throw new Error(problem);
  }

  assertKept(): void {
    if (this.#broken.length > 0) throw new Error(`openapi.json was not kept to:\n${this.#broken.join('\n')}`);
  }

  /** The HTTP client of one of Stripe's SDKs, with each of its exchanges checked. */
  watching<T extends SdkHttpClient>(client: T): T {
    const send = client.makeRequest.bind(client);
    client.makeRequest = async (...request) => {
      const response = await send(...request);
      const [, , path, method, headers, requestBody] = request;
      const toJSON = response.toJSON.bind(response);
      response.toJSON = async () => {
        const answer: unknown = await toJSON();
        const requestType = headerOf(headers, 'content-type');
        this.check({ method, path, requestType, requestBody, status: response.getStatusCode(), answer });
        return answer;
      };
      return response;
    };
    return client;
  }
}

interface SdkHttpClient {
  makeRequest(...request: SdkRequest): Promise<{ getStatusCode(): number; toJSON(): Promise<unknown> }>;
}
type SdkRequest = [
  host: string,
  port: string,
  path: string,
  method: string,
  headers: object,
  body: string,
  protocol: string,
  timeout: number,
];

const headerOf = (headers: object, name: string): string | undefined =>
  Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];

function problemOf(exchange: Exchange): string | undefined {
  const { method, status, answer } = exchange;
  const path = new URL(exchange.path, 'http://api').pathname;
  const route = routeOf(method, path);
  const of = `openapi.json: ${route?.operation ?? 'no operation'}, ${method} ${exchange.path.slice(0, 300)}`;
  const schema = route ? answerSchema(route, status) : schemaNamed(path.startsWith('/v1/') ? 'V1Error' : 'Error');
  if (!schema) return `${of} answered ${status}, which the operation does not describe: ${JSON.stringify(answer)}`;
  if (!schema(answer))
    return `${of} answered ${status} other than described: ${problemsOf(schema.errors)}; it was ${JSON.stringify(answer)?.slice(0, 2000)}`;
  const refused = route && status === 200 ? problemOfAccepted(exchange, route) : undefined;
  return refused === undefined ? undefined : `${of} accepted a body that the document refuses: ${refused}`;
}

/** Whatever is answered with success is a request that the document allows. */
function problemOfAccepted({ requestBody, requestType }: Exchange, route: Parameters<typeof bodySchema>[0]) {
  if (route.method !== 'POST' || !requestBody?.trim()) return undefined;
  const type = requestType?.split(';')[0]?.trim().toLowerCase() ?? 'application/json';
  const schema = bodySchema(route, type);
  if (!schema) return `its content type ${type}`;
  const isForm = type === 'application/x-www-form-urlencoded';
  const body: unknown = isForm ? Object.fromEntries(new URLSearchParams(requestBody)) : JSON.parse(requestBody);
  return schema(body) ? undefined : problemsOf(schema.errors);
}
