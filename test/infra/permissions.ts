import { readable, synthesizedResources } from './cdk-out.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: { readonly StringEquals?: Readonly<Record<string, unknown>> };
}

/** What stands in the templates: each role's actions by resource, as text in order. */
export function permissions(cdkOut?: string): Record<string, Record<string, string>> {
  const found: Record<string, Record<string, string>> = {};
  for (const [, { Properties }] of synthesizedResources('AWS::IAM::Policy', cdkOut))
    for (const role of Properties.Roles.map(readable))
      for (const statement of Properties.PolicyDocument.Statement as Statement[])
        for (const resource of [statement.Resource].flat().map(readable)) {
          const before = found[role]?.[resource]?.split(' ') ?? [];
          const actions = new Set([...before, ...actionsOf(statement)]);
          found[role] = { ...found[role], [resource]: [...actions].sort().join(' ') };
        }
  return found;
}

/** An action that is allowed through a service, or for a purpose, alone is `action@service`. */
function actionsOf({ Effect, Action, Condition }: Statement): string[] {
  const equals = Condition?.StringEquals ?? {};
  const via = readable(equals['kms:ViaService'] ?? equals['kms:EncryptionContext:purpose'] ?? '').split('.')[0];
  const effect = Effect === 'Allow' ? '' : `${Effect} `;
  return [Action].flat().map((action) => `${effect}${action}${via && `@${via}`}`);
}
