/** Merges sorted sources into one, reading ahead by one element of each. `comes(a, b)`: a comes before b. */
export async function* mergeSorted<T>(
  sources: readonly AsyncGenerator<T>[],
  comes: (a: T, b: T) => boolean,
): AsyncGenerator<T> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, head: await source.next() })));
  for (;;) {
    const first = heads.reduce<(typeof heads)[number] | undefined>((best, one) => {
      if (one.head.done) return best;
      return !best || best.head.done || comes(one.head.value, best.head.value) ? one : best;
    }, undefined);
    if (!first || first.head.done) return;
    yield first.head.value;
    first.head = await first.source.next();
  }
}
