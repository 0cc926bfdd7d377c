import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from 'aws-lambda';
import * as z from 'zod/mini';
import type { ApiKey } from '../../shared/accounts/api-key.ts';
import { isDrawn, successLogShare } from '../../shared/drawn.ts';
import { logger } from '../../shared/telemetry.ts';

/** Whose request it turned out to be. */
interface Caller {
  readonly key: Pick<ApiKey, 'id' | 'livemode'>;
  readonly account: string;
  readonly publishes: boolean;
}

/** What is found out while a request is served; gone with the request. */
const callers = new WeakMap<APIGatewayProxyEvent, Caller>();

export function rememberCaller(event: APIGatewayProxyEvent, caller: Caller): void {
  callers.set(event, caller);
}

type Serve = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyResult>;

/**
 * One wide line for each request, when it is answered: what was asked, by whom, and how it ended. The route is the template
 * and the key its id: no ids of others' making, no query, body or secret is in it. Of the requests that publish and succeed
 * only a share has one: it would be a line for each event, and the gateway's access log has one already.
 */
export const logged =
  (serve: Serve): Serve =>
  async (event, context) => {
    const startedAt = performance.now();
    const response = await serve(event, context);
    const { key, account, publishes = false } = callers.get(event) ?? {};
    const { requestId } = event.requestContext;
    if (publishes && response.statusCode < 400 && !isDrawn(requestId, successLogShare())) return response;
    logger.info('A request was answered', {
      request_id: requestId,
      route: `${event.httpMethod} ${event.resource}`,
      status: response.statusCode,
      code: response.statusCode < 400 ? undefined : codeOf(response),
      account,
      livemode: key?.livemode,
      key: key?.id,
      duration_ms: Math.round(performance.now() - startedAt),
    });
    return response;
  };

const ErrorBody = z.object({ error: z.object({ code: z.string() }) });
/** Of an answer that is none of ours there is no code to say, and it is answered all the same. */
const codeOf = ({ body }: APIGatewayProxyResult): string | undefined =>
  ErrorBody.safeParse(JSON.parse(body)).data?.error.code;
