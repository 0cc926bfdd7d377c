/** What JSON can say, as YAML: lists and objects by indentation, every text in double quotes, which YAML reads as JSON does. */
export const toYaml = (value: object): string => `${linesOf(value).join('\n')}\n`;

function linesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => prefixed('- ', linesOf(item)));
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  return Object.entries(value).flatMap(([key, item]) => entryLines(keyOf(key), item));
}

function entryLines(key: string, item: unknown): string[] {
  const lines = linesOf(item);
  return typeof item === 'object' && item !== null
    ? [`${key}:`, ...lines.map((line) => `  ${line}`)]
    : [`${key}: ${lines[0]}`];
}

const prefixed = (first: string, [head = '', ...rest]: string[]): string[] => [
  `${first}${head}`,
  ...rest.map((line) => `  ${line}`),
];

const keyOf = (key: string): string => (/^[A-Za-z][\w-]*$/.test(key) ? key : JSON.stringify(key));
