import { logger } from '../telemetry.ts';
import type { Item } from './table.ts';

/**
 * The records of items. What this version cannot read, because a newer one wrote it and was rolled back, is logged and stays
 * where it is: it must not keep the others from being read.
 */
export async function* readable<Read>(items: AsyncIterable<Item>, read: (item: Item) => Read): AsyncGenerator<Read> {
  for await (const item of items) {
    const [found] = tryRead(item, read);
    if (found !== undefined) yield found;
  }
}

function tryRead<Read>(item: Item, read: (item: Item) => Read): [Read?] {
  try {
    return [read(item)];
  } catch (error) {
    logger.error('An item cannot be read and stays where it is', { pk: item.pk, sk: item.sk, error: error as Error });
    return [];
  }
}
