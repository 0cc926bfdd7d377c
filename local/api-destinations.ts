import { AwsError } from './aws-error.ts';
import type { Fields } from './fields.ts';

interface Connection {
  /** What the connection's secret adds to each request: an API key's header. */
  readonly headers: Readonly<Record<string, string>>;
}

interface ApiDestination {
  readonly connectionArn: string;
  readonly method: string;
  readonly endpoint: string;
}

/** "The maximum amount of time that EventBridge waits for an API destination's answer", in real time here. */
const TIMEOUT_MS = 5_000;

/** EventBridge's API destinations, as targets of rules: HTTP endpoints with what authorizes at them. */
export class ApiDestinations {
  readonly #connections = new Map<string, Connection>();
  readonly #destinations = new Map<string, ApiDestination>();

  declareConnection(arn: string, properties: Fields): void {
    const type = properties.string('AuthorizationType');
    if (type !== 'API_KEY') throw new Error(`${arn}: connections authorize by API_KEY alone locally, not by ${type}`);
    const key = properties.fields('AuthParameters').fields('ApiKeyAuthParameters');
    this.#connections.set(arn, { headers: { [key.string('ApiKeyName')]: key.string('ApiKeyValue') } });
  }

  declare(arn: string, properties: Fields): void {
    this.#destinations.set(arn, {
      connectionArn: properties.string('ConnectionArn'),
      method: properties.string('HttpMethod'),
      // AWS takes https alone; the embedded cloud's own API has no certificate.
      endpoint: properties.string('InvocationEndpoint'),
    });
  }

  /** Rejects with an AwsError that has the endpoint's status: which are tried again is EventBridge's to say. */
  async call(arn: string, body: string): Promise<void> {
    const destination = this.#destinations.get(arn);
    const connection = destination && this.#connections.get(destination.connectionArn);
    if (!connection) throw new AwsError('ResourceNotFoundException', `There is no API destination ${arn}`, 404);
    const headers = { 'content-type': 'application/json; charset=utf-8', ...connection.headers };
    const { method, endpoint } = destination;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { ok, status } = await fetch(endpoint, { method, headers, body, signal });
    if (!ok) throw new AwsError('SDK_CLIENT_ERROR', `${endpoint} answered ${status}`, status);
  }
}
