import type { IncomingMessage, ServerResponse } from 'node:http';
import { AwsError } from '../aws-error.ts';
import { Fields } from '../fields.ts';
import { parseDuration } from './duration.ts';
import { answer, parseJson, readBody } from './http.ts';

/** What can be asked of the embedded cloud itself. */
export interface Control {
  advance(ms: number): Promise<void>;
  settle(): Promise<void>;
  kill(functionName: string): Promise<void>;
  status(): unknown;
  logs(functionName: string | undefined, limit: number): unknown;
}

type Route = (control: Control, query: URLSearchParams, body: Fields, path: readonly string[]) => unknown;

/** `/_local/…`: how time moves, what is where. */
const ROUTES: Readonly<Record<string, Route>> = {
  'POST advance': async (control, _query, body) => {
    await control.advance(body.has('by') ? parseDuration(body.string('by')) : body.number('ms'));
    return control.status();
  },
  'POST settle': async (control) => {
    await control.settle();
    return control.status();
  },
  'GET status': (control) => control.status(),
  'GET logs': (control, query) => control.logs(query.get('function') ?? undefined, Number(query.get('limit') ?? 100)),
  'POST functions': async (control, _query, _body, [name = '', verb]) => {
    if (verb !== 'kill') throw new AwsError('NotFound', 'POST /_local/functions/<name>/kill is all there is', 404);
    await control.kill(decodeURIComponent(name));
    return {};
  },
};

export async function serveControl(
  control: Control,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [what = '', ...path] = url.pathname.slice('/_local/'.length).split('/');
  try {
    refuseBrowsers(request);
    const route = ROUTES[`${request.method} ${what}`];
    if (!route) throw new AwsError('NotFound', `There is no ${request.method} ${url.pathname}`, 404);
    const body = new Fields(
      parseJson(await readBody(request)),
      'body',
      (message) => new AwsError('BadRequest', message),
    );
    const output = await route(control, url.searchParams, body, path);
    answer(response, { type: 'application/json', body: `${JSON.stringify(output, null, 2)}\n` });
  } catch (error) {
    const status = error instanceof AwsError ? error.statusCode : 500;
    const message = error instanceof Error ? error.message : String(error);
    answer(response, { status, type: 'application/json', body: `${JSON.stringify({ message })}\n` });
  }
}

/** A page in somebody's browser could post here without being asked; it always says where it comes from. */
function refuseBrowsers({ headers }: IncomingMessage): void {
  const host = (headers.host ?? '').replace(/:\d+$/, '');
  if (headers.origin === undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(host)) return;
  throw new AwsError('Forbidden', 'The control endpoint is for this computer, and not for web pages', 403);
}
