import { parseArgs } from 'node:util';
import { explore } from './explore.ts';
import { loadWith } from './hooks.ts';
import { SMALL, STEPPING } from './instances.ts';
import { LARGE } from './large-instances.ts';
import { takeBorders } from './replay.ts';
import { RULES } from './rules.ts';
import { STEPS_OF_ONE } from './steps.ts';
import { print } from './trace.ts';

/**
 * Explores instances to their ends, all small ones if none is named, and prints a counter-example where there is one:
 *
 *   node test/model/main.ts [--large | --steps] [--most WORLDS] [--without RULE] [INSTANCE...]
 *
 * Exit code 1 says that a property was violated, 2 that the limit came before the end.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    large: { type: 'boolean' },
    steps: { type: 'boolean' },
    most: { type: 'string' },
    without: { type: 'string' },
  },
});
const most = Number(values.most ?? Number.POSITIVE_INFINITY);
const rule = RULES.find(({ name }) => name === values.without);
if (values.without !== undefined && !rule) throw new Error(`There is no rule '${values.without}'`);

const named = rule ? [rule.instance] : positionals;
const all = values.large ? LARGE : values.steps ? STEPPING : SMALL;
const found = [...SMALL, ...LARGE, ...STEPPING].filter(({ name }) => named.includes(name));
const instances = found.length > 0 ? found : all;
const inSteps = instances.filter((instance) => STEPPING.includes(instance));
if (inSteps.length > 0 && inSteps.length < instances.length) throw new Error('Steps of one are for all or for none');

takeBorders();
loadWith([...(inSteps.length > 0 ? STEPS_OF_ONE : []), ...(rule?.without ?? [])]);
const { loadProduct } = await import('./product.ts');
const { setUp } = await import('./setup.ts');
const product = await loadProduct();

for (const instance of instances) {
  const startedAt = process.hrtime.bigint();
  const model = await setUp(product, instance);
  const { violation, ...counts } = await explore(model, most);
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  console.log(`${instance.name}: ${JSON.stringify({ ...counts, seconds: Number(seconds.toFixed(1)) })}`);
  if (violation) console.log(print(model, violation));
  if (violation) process.exitCode = 1;
  else if (!counts.complete) process.exitCode ??= 2;
}
