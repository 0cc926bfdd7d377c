import { InvalidFields } from '../../shared/http/errors.ts';

const INCLUDABLE = ['webhook_endpoint.url'];

/**
 * `include` of a read, by any of its encodings; an unknown field is refused, as Stripe does. So is a parameter that is not
 * one of the others either: who pages by `starting_after` would get the first page for ever.
 */
export function checkInclude(
  query: ReadonlyMap<string, readonly string[]>,
  ...others: readonly string[]
): readonly string[] {
  const include = query.get('include') ?? [];
  const unknown = [...query.keys()].filter((name) => !['include', ...others].includes(name));
  const problems = [
    ...unknown.map((field) => ({ field, reason: 'Unknown field.' })),
    ...include.flatMap((value, index) =>
      INCLUDABLE.includes(value)
        ? []
        : [
            {
              field: `include[${index}]`,
              reason: `Unrecognized enum value '${value.slice(0, 100)}', valid values are: ${INCLUDABLE.join(', ')}.`,
            },
          ],
    ),
  ];
  if (problems.length > 0) throw new InvalidFields(problems);
  return include;
}
