import { spawn } from 'node:child_process';

/** A command of a page of documentation, with what the page shows as its answer. */
export interface Example {
  readonly line: number;
  readonly command: string;
  readonly shown?: { readonly language: string; readonly text: string };
}

const FENCE = /^```(\w*)[^\n]*\n([\s\S]*?)^```$/gm;

/** The page's `sh` blocks, in order; a block of JSON or text right after one is its answer. */
export function examplesOf(page: string): Example[] {
  const blocks = [...page.matchAll(FENCE)].map(({ 0: all, 1: language = '', 2: text = '', index }) => ({
    language,
    text,
    index,
    end: index + all.length,
  }));
  return blocks.flatMap(({ language, text: command, index, end }, position) => {
    if (language !== 'sh') return [];
    const next = blocks[position + 1];
    const answers = next !== undefined && next.language !== 'sh' && page.slice(end, next.index).trim() === '';
    const line = page.slice(0, index).split('\n').length;
    return [{ line, command, ...(answers && { shown: { language: next.language, text: next.text } }) }];
  });
}

const MARK = 'end of the example';

/** Runs the commands in one shell, as a reader pastes them; what each printed. Throws with the line of one that fails. */
export async function runExamples(examples: readonly Example[], env: Readonly<Record<string, string>>) {
  const script = examples.map(({ command }) => `{\n${command}} 2>&1\necho "\n${MARK} $?"`).join('\n');
  const shell = spawn('bash', ['-c', script], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk) => (output += chunk));
  await new Promise((resolve, reject) => shell.on('close', resolve).on('error', reject));
  const printed = [...output.matchAll(new RegExp(`([\\s\\S]*?)\\n${MARK} (\\d+)\\n`, 'g'))];
  return examples.map((example, index) => {
    const [, text = '', status] = printed[index] ?? [];
    if (status !== '0') throw new Error(`The example in line ${example.line} failed (${status}): ${text || output}`);
    return { example, printed: text.trim() };
  });
}

/** What the page shows of an answer, and what it was: both as JSON if it is. */
export function answersOf({ shown }: Example, printed: string): { readonly shown: unknown; readonly actual: unknown } {
  if (shown?.language === 'json') return { shown: JSON.parse(shown.text), actual: JSON.parse(printed) };
  return { shown: shown?.text.trim(), actual: printed };
}

/** Whether the answer is as shown: `…` in a text is anything, as a key any other keys, in a list any more items. */
export function isAsShown(shown: unknown, actual: unknown): boolean {
  if (typeof shown === 'string') return typeof actual === 'string' && textIsAsShown(shown, actual);
  if (Array.isArray(shown)) return Array.isArray(actual) && listIsAsShown(shown, actual);
  if (!isObject(shown)) return shown === actual;
  if (!isObject(actual)) return false;
  const names = Object.keys(shown).filter((name) => name !== '…');
  const complete = Object.hasOwn(shown, '…') || names.length === Object.keys(actual).length;
  return complete && names.every((name) => isAsShown(shown[name], actual[name]));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function listIsAsShown(shown: readonly unknown[], actual: readonly unknown[]): boolean {
  const open = shown.at(-1) === '…';
  const items = open ? shown.slice(0, -1) : shown;
  return (open || items.length === actual.length) && items.every((item, index) => isAsShown(item, actual[index]));
}

const textIsAsShown = (shown: string, actual: string): boolean =>
  new RegExp(`^${shown.split('…').map(escaped).join('[\\s\\S]*')}$`).test(actual);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
