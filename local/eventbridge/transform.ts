import { AwsError } from '../aws-error.ts';
import type { Envelope } from './envelope.ts';
import { validation } from './errors.ts';
import { type Json, parseJson, tryParseJson } from './json.ts';
import { type JsonPath, parseJsonPath, valueAt } from './json-path.ts';

/**
 * Input transformers, as AWS does them (docs: eb-transform-target-input; details from recorded answers of AWS):
 *
 * template is a JSON object or array
 *   outside quotes  the value's JSON; nothing found: ""
 *   inside quotes   a string's characters, other values as JSON; nothing found: nothing. An object inside quotes makes
 *                   the result invalid JSON: it is not delivered (ERROR_CODE INVALID_JSON)
 *   the result is minified
 * template is one or more quoted strings, or a lone placeholder
 *   inside quotes   the same, but objects and arrays lose their quotes: {acc_id:0a78,sf_id:baz}
 *   the result is sent as it is, quotes included
 *
 * A string inside quotes is escaped here, so that it stays valid JSON. AWS's page says that EventBridge does not escape
 * values extracted by an input path; there such an event fails.
 */
export interface InputTransformer {
  readonly paths: Readonly<Record<string, string>>;
  readonly template: string;
}

/** What a placeholder can stand for besides the input paths. `ingestedAt` is in ms since the epoch. */
export interface Occasion {
  readonly envelope: Envelope;
  readonly ingestedAt: number;
  readonly ruleArn: string;
  readonly ruleName: string;
}

const PLACEHOLDER = /<([\w.-]+)>/g;

const PREDEFINED = new Map<string, (occasion: Occasion) => Json>([
  ['aws.events.rule-arn', ({ ruleArn }) => ruleArn],
  ['aws.events.rule-name', ({ ruleName }) => ruleName],
  ['aws.events.event.ingestion-time', ({ ingestedAt }) => new Date(ingestedAt).toISOString()],
  ['aws.events.event', ({ envelope }) => withoutDetail(envelope)],
  ['aws.events.event.json', ({ envelope }) => envelope],
]);

export function applyTransformer(transformer: InputTransformer, occasion: Occasion): string {
  const lookUp = (name: string): Json | undefined => {
    const path = Object.hasOwn(transformer.paths, name) ? transformer.paths[name] : undefined;
    return path === undefined
      ? PREDEFINED.get(name)?.(occasion)
      : valueAt(occasion.envelope, parseJsonPath(path, `InputPathsMap ${name}`));
  };
  const structured = isStructured(transformer.template);
  const text = fill(transformer.template, (name, quoted) => {
    const value = lookUp(name);
    if (!quoted) return JSON.stringify(value ?? (value === null ? null : ''));
    return insideQuotes(value, structured);
  });
  return structured ? minified(text) : text;
}

function insideQuotes(value: Json | undefined, structured: boolean): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return JSON.stringify(value).slice(1, -1);
  return structured ? JSON.stringify(value) : JSON.stringify(value).replaceAll('"', '');
}

const isStructured = (template: string) => /^\s*[{[]/.test(template);

function minified(text: string): string {
  try {
    return JSON.stringify(parseJson(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AwsError('INVALID_JSON', `The input transformer gave text that is not JSON: ${reason}`);
  }
}

/** Replaces each placeholder, telling whether it stands inside a JSON string. */
function fill(template: string, replace: (name: string, quoted: boolean) => string): string {
  let result = '';
  let at = 0;
  let quoted = false;
  for (const match of template.matchAll(PLACEHOLDER)) {
    const before = template.slice(at, match.index);
    quoted = endsQuoted(before, quoted);
    result += before + replace(match[1] ?? '', quoted);
    at = match.index + match[0].length;
  }
  return result + template.slice(at);
}

function endsQuoted(text: string, startsQuoted: boolean): boolean {
  const quotes = text.replace(/\\./gs, '').match(/"/g)?.length ?? 0;
  return quotes % 2 === 0 ? startsQuoted : !startsQuoted;
}

/** At PutTargets: every placeholder is known, and the template is JSON (or a sequence of strings) once it is filled. */
export function checkTransformer({ paths, template }: InputTransformer, targetId: string): void {
  for (const [name, path] of Object.entries(paths)) {
    if (/^aws/i.test(name)) throw validation(`InputPathsMap for target ${targetId} contains the reserved key ${name}.`);
    parseJsonPath(path, `InputPathsMap for target ${targetId}`);
  }
  const sample = fill(template, (name, quoted) => {
    if (!Object.hasOwn(paths, name) && !PREDEFINED.has(name))
      throw validation(`InputTemplate for target ${targetId} contains invalid placeholder ${name}.`);
    return quoted ? '' : 'null';
  });
  if (tryParseJson(sample) === undefined && !/^(\s*"([^"\\]|\\.)*")+\s*$/s.test(sample))
    throw validation(`Invalid InputTemplate for target ${targetId}: it must be JSON; put quotes around a string.`);
}

/** `InputPath`: the JSON of what stands there. What AWS sends where nothing does is UNVERIFIED. */
export function applyInputPath(path: string, envelope: Envelope): string {
  return JSON.stringify(valueAt(envelope, inputPath(path)) ?? null);
}

const inputPath = (path: string): JsonPath => parseJsonPath(path, 'InputPath');

/** `<aws.events.event>` has no detail, and names the detail type in camel case. */
function withoutDetail({ detail: _, 'detail-type': detailType, ...envelope }: Envelope): Json {
  return { ...envelope, detailType };
}
