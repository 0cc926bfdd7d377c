import { validation } from './errors.ts';
import { isJsonArray, isJsonObject, type Json } from './json.ts';

type Step = string | number | '*';
export type JsonPath = readonly Step[];

/** AWS's subset: `$`, `$.detail.instance-id`, `$.resources[0]`, `$.items[*].id`. Names in dot notation only. */
const STEP = /\.([\w\-/@$:]+|\*)|\[(\d+|\*)\]/y;

export function parseJsonPath(text: string, what: string): JsonPath {
  if (!text.startsWith('$')) throw validation(`${what} is not a valid JSON path: ${text}`);
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const [, name, index] = STEP.exec(text) ?? [];
    if (name !== undefined) steps.push(name);
    else if (index !== undefined) steps.push(index === '*' ? '*' : Number(index));
    else throw validation(`${what} is not a valid JSON path: ${text}`);
  }
  return steps;
}

/** The value at the path, undefined if there is none. A path with a wildcard gives the list of what it finds. */
export function valueAt(root: Json, path: JsonPath): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return root;
  if (step === '*') {
    const children = isJsonArray(root) ? root : isJsonObject(root) ? Object.values(root) : [];
    const found = children.map((child) => valueAt(child, rest)).filter((value) => value !== undefined);
    return rest.includes('*') ? found.flat() : found;
  }
  const child = typeof step === 'number' ? elementOf(root, step) : memberOf(root, step);
  return child === undefined ? undefined : valueAt(child, rest);
}

const elementOf = (value: Json, index: number) => (isJsonArray(value) ? value[index] : undefined);
const memberOf = (value: Json, name: string) =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
