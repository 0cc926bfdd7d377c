import type { CloudOptions } from '../../local/cloud.ts';
import { isRecord } from '../../local/fields.ts';
import { synthesizedResources, withoutHash } from '../infra/cdk-out.ts';
import { permissions } from '../infra/permissions.ts';

type Watching = Pick<CloudOptions, 'around' | 'onInvocation'>;

/** An action, and the resource where it is asked for one by name: a table, an index, a queue. */
interface Call {
  readonly action: string;
  readonly resource?: string;
}

/**
 * The embedded cloud asks nobody whether a function may do what it does. So what the functions call is kept here and held
 * against the policies of their roles: what is missing there, AWS alone would refuse.
 */
export class PermittedCalls {
  readonly #cdkOut: string | undefined;
  readonly #queues: ReadonlyMap<string, string>;
  /** Of the invocations under way, by trace. */
  readonly #underWay = new Map<string, Map<string, Call>>();
  /** By function. */
  readonly #made = new Map<string, Map<string, Call>>();

  constructor(cdkOut: string | undefined) {
    this.#cdkOut = cdkOut;
    const queues = synthesizedResources('AWS::SQS::Queue', cdkOut);
    this.#queues = new Map(queues.map(([id, { Properties }]) => [Properties.QueueName, withoutHash(id)]));
  }

  /** The options of a cloud, with these calls watched. */
  watching({ around, onInvocation }: Watching): Watching {
    return {
      around: (service, handle) => {
        const next = around?.(service, handle) ?? handle;
        return (operation, input, caller) => {
          if (caller.traceId !== undefined) this.#note(caller.traceId, this.#callsOf(service, operation, input));
          return next(operation, input, caller);
        };
      },
      onInvocation: (invocation) => {
        const functionName = withoutHash(invocation.functionName).split('-').at(-1) ?? '';
        const made = this.#made.get(functionName) ?? new Map();
        for (const [name, call] of this.#underWay.get(invocation.traceId) ?? []) made.set(name, call);
        this.#made.set(functionName, made);
        this.#underWay.delete(invocation.traceId);
        onInvocation?.(invocation);
      },
    };
  }

  /** Throws with every call that its function's role has no permission for. */
  assertPermitted(): void {
    const roles = permissions(this.#cdkOut);
    const refused = [...this.#made].flatMap(([functionName, calls]) =>
      [...calls.values()]
        .filter((call) => !isPermitted(roles[`${functionName}Role`] ?? {}, call))
        .map(({ action, resource = '*' }) => `${functionName}: ${action} on ${resource}`),
    );
    if (refused.length > 0) throw new Error(`AWS would refuse these calls to their functions:\n${refused.join('\n')}`);
  }

  #note(traceId: string, calls: readonly Call[]): void {
    const known = this.#underWay.get(traceId) ?? new Map<string, Call>();
    for (const call of calls) known.set(`${call.action} ${call.resource}`, call);
    this.#underWay.set(traceId, known);
  }

  #callsOf(service: string, operation: string, input: unknown): Call[] {
    const { TableName, IndexName, RequestItems, QueueUrl } = isRecord(input) ? input : {};
    switch (service) {
      case 'DynamoDB_20120810': {
        const tables = TableName === undefined ? Object.keys(isRecord(RequestItems) ? RequestItems : {}) : [TableName];
        return tables.map((name) => ({
          action: `dynamodb:${operation}`,
          resource: `${tableOf(String(name))}${IndexName === undefined ? '' : `/index/${IndexName}`}`,
        }));
      }
      case 'AmazonSQS': {
        const resource = this.#queues.get(String(QueueUrl).split('/').at(-1) ?? '') ?? String(QueueUrl);
        return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource }];
      }
      case 'AWSEvents':
        return [{ action: `events:${operation}` }];
      case 'AWSStepFunctions':
        return [{ action: `states:${operation}` }];
      case 'secretsmanager':
        return [{ action: `secretsmanager:${operation}` }];
      case 'TrentService':
        return [{ action: `kms:${operation}` }];
      default:
        throw new Error(`No function is known to call ${service}`);
    }
  }
}

/** The tables' names end with the logical ids of theirs. */
const tableOf = (name: string): string => (name.endsWith('-ledger') ? 'Ledger' : 'Registry');

function isPermitted(role: Readonly<Record<string, string>>, { action, resource }: Call): boolean {
  const allows = (actions: string) => actions.split(' ').some((allowed) => allowed.split('@')[0] === action);
  return resource === undefined ? Object.values(role).some(allows) : allows(role[resource] ?? '');
}
