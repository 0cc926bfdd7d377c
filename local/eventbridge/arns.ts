/** ARNs of EventBridge. A bus's name may hold slashes (partner buses), a rule's may not: the last slash divides them. */

export const DEFAULT_BUS = 'default';

export const sourceArn = (region: string, name: string) => `arn:aws:events:${region}::event-source/${name}`;

export const busArn = (region: string, account: string, name: string) =>
  `arn:aws:events:${region}:${account}:event-bus/${name}`;

export const ruleArn = (region: string, account: string, bus: string, rule: string) =>
  `arn:aws:events:${region}:${account}:rule/${bus === DEFAULT_BUS ? '' : `${bus}/`}${rule}`;

export interface ParsedArn {
  readonly region: string;
  readonly account: string;
  readonly kind: 'event-bus' | 'rule';
  /** The bus's name; for a rule, the name of its bus. */
  readonly bus: string;
  /** Empty for a bus. */
  readonly rule: string;
}

export function parseArn(arn: string): ParsedArn | undefined {
  const [, region = '', account = '', kind, path = ''] =
    /^arn:aws[\w-]*:events:([\w-]+):(\d{12}):(event-bus|rule)\/(.+)$/.exec(arn) ?? [];
  if (kind === 'event-bus') return { region, account, kind, bus: path, rule: '' };
  if (kind !== 'rule') return undefined;
  const slash = path.lastIndexOf('/');
  return { region, account, kind, bus: slash < 0 ? DEFAULT_BUS : path.slice(0, slash), rule: path.slice(slash + 1) };
}
