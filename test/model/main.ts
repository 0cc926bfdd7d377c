import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { loadWith } from './hooks.ts';
import { LARGE, SMALL } from './instances.ts';
import { takeBorders } from './replay.ts';
import { RULES } from './rules.ts';
import { print } from './trace.ts';

/**
 * Explores instances to their ends, all small ones if none is named, and prints a counter-example where there is one:
 *
 *   node test/model/main.ts [--large] [--most WORLDS] [--without RULE] [INSTANCE...]
 *
 * Exit code 1 says that a property was violated, 2 that the limit came before the end.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { large: { type: 'boolean' }, most: { type: 'string' }, without: { type: 'string' } },
});
const most = Number(values.most ?? Number.POSITIVE_INFINITY);
const rule = RULES.find(({ name }) => name === values.without);
if (values.without !== undefined && !rule) throw new Error(`There is no rule '${values.without}'`);

takeBorders();
loadWith(rule?.without ?? []);
const { loadProduct } = await import('./product.ts');
const { setUp } = await import('./setup.ts');
const product = await loadProduct();

const named = rule ? [rule.instance] : positionals;
const instances = [...SMALL, ...LARGE].filter(({ name }) => named.includes(name));
for (const instance of instances.length > 0 ? instances : values.large ? LARGE : SMALL) {
  const startedAt = process.hrtime.bigint();
  const model = await setUp(product, instance);
  const { violation, ...counts } = await explore(model, most);
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  console.log(`${instance.name}: ${JSON.stringify({ ...counts, seconds: Number(seconds.toFixed(1)) })}`);
  if (violation) console.log(print(model, violation));
  if (violation) process.exitCode = 1;
  else if (!counts.complete) process.exitCode ??= 2;
}
