import { isRecord } from '../fields.ts';

/** What the intrinsic functions of one stack ask for. */
export interface Scope {
  /** A pseudo parameter, a parameter or a resource. */
  ref(name: string): unknown;
  getAtt(logicalId: string, attribute: string): unknown;
  importValue(exportName: string): unknown;
  stackOutput(stackName: string, outputName: string): unknown;
  findInMap(map: string, first: string, second: string): unknown;
  condition(name: string): boolean;
}

/** `AWS::NoValue`: whoever holds it leaves the property or the list's element out. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

/** Replaces every intrinsic function in a template's value. */
export function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') return refuseDynamicReference(value);
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (!isRecord(value)) return value;
  const [name, ...others] = Object.keys(value);
  if (name !== undefined && others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'))) {
    return call(name, value[name], scope);
  }
  const entries = Object.entries(value).map(([key, item]) => [key, resolve(item, scope)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== NO_VALUE));
}

/** Evaluates what stands in a template's Conditions, and in Fn::If. */
export function evaluate(condition: unknown, scope: Scope): boolean {
  const [name, argument] = isRecord(condition) ? (Object.entries(condition)[0] ?? []) : [];
  const operands = Array.isArray(argument) ? argument : [];
  switch (name) {
    case 'Condition':
      return scope.condition(text(argument, 'Condition'));
    case 'Fn::And':
      return operands.every((operand) => evaluate(operand, scope));
    case 'Fn::Or':
      return operands.some((operand) => evaluate(operand, scope));
    case 'Fn::Not':
      return !evaluate(operands[0], scope);
    case 'Fn::Equals':
      return resolve(operands[0], scope) === resolve(operands[1], scope);
    default:
      throw new Error(`Unsupported condition function ${name ?? JSON.stringify(condition)}`);
  }
}

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.ref(text(argument, 'Ref')),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId, ...path] = Array.isArray(argument) ? argument : text(argument, 'Fn::GetAtt').split('.');
    const attribute = path.map((part) => text(resolve(part, scope), 'Fn::GetAtt')).join('.');
    return scope.getAtt(text(logicalId, 'Fn::GetAtt'), attribute);
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = list(argument, 'Fn::Join');
    return list(resolve(parts, scope), 'Fn::Join')
      .map((part) => text(part, 'Fn::Join'))
      .join(text(separator, 'Fn::Join'));
  },
  'Fn::Sub': substitute,
  'Fn::Select': (argument, scope) => {
    const [index, items] = list(resolve(argument, scope), 'Fn::Select');
    const chosen = list(items, 'Fn::Select')[Number(index)];
    if (chosen === undefined) throw new Error(`Fn::Select: there is no element ${String(index)}`);
    return chosen;
  },
  'Fn::Split': (argument, scope) => {
    const [separator, source] = list(resolve(argument, scope), 'Fn::Split');
    return text(source, 'Fn::Split').split(text(separator, 'Fn::Split'));
  },
  'Fn::If': (argument, scope) => {
    const [condition, then, otherwise] = list(argument, 'Fn::If');
    return resolve(scope.condition(text(condition, 'Fn::If')) ? then : otherwise, scope);
  },
  'Fn::Base64': (argument, scope) => Buffer.from(text(resolve(argument, scope), 'Fn::Base64')).toString('base64'),
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = list(resolve(argument, scope), 'Fn::FindInMap');
    return scope.findInMap(text(map, 'Fn::FindInMap'), text(first, 'Fn::FindInMap'), text(second, 'Fn::FindInMap'));
  },
  'Fn::ImportValue': (argument, scope) => scope.importValue(text(resolve(argument, scope), 'Fn::ImportValue')),
  /** CDK's weak references between stacks: the output is read, and not held by an export. */
  'Fn::GetStackOutput': (argument, scope) => {
    const { StackName, OutputName } = isRecord(argument) ? argument : {};
    const stack = text(resolve(StackName, scope), 'Fn::GetStackOutput.StackName');
    return scope.stackOutput(stack, text(resolve(OutputName, scope), 'Fn::GetStackOutput.OutputName'));
  },
};

function call(name: string, argument: unknown, scope: Scope): unknown {
  const intrinsic = INTRINSICS[name];
  if (intrinsic) return intrinsic(argument, scope);
  const known = Object.keys(INTRINSICS).join(', ');
  throw new Error(`Unsupported intrinsic function ${name}: the embedded cloud resolves ${known}`);
}

function substitute(argument: unknown, scope: Scope): unknown {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const given = isRecord(variables) ? variables : {};
  const lookUp = (name: string): unknown => {
    if (name in given) return resolve(given[name], scope);
    const [logicalId = '', ...path] = name.split('.');
    return path.length > 0 ? scope.getAtt(logicalId, path.join('.')) : scope.ref(logicalId);
  };
  return text(template, 'Fn::Sub').replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) =>
    literal ? `\${${name}}` : text(lookUp(name.trim()), `Fn::Sub \${${name}}`),
  );
}

function refuseDynamicReference(value: string): string {
  if (!value.includes('{{resolve:')) return value;
  throw new Error(`Unsupported dynamic reference ${value}: pass the name and read it when it is needed`);
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${where} needs a string and got ${JSON.stringify(value) ?? String(value)}`);
}

function list(value: unknown, where: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new Error(`${where} needs a list and got ${JSON.stringify(value)}`);
}
