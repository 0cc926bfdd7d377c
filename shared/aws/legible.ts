import { logger } from '../telemetry.ts';
import type { Item } from './table.ts';

/**
 * The records of items. What this version cannot read, because a newer one wrote it and was rolled back, is logged and stays
 * where it is: it must not keep the others from being read.
 */
export async function* legible<Read>(items: AsyncIterable<Item>, read: (item: Item) => Read): AsyncGenerator<Read> {
  for await (const item of items) {
    let found: Read;
    try {
      found = read(item);
    } catch (error) {
      logger.error('An item cannot be read and stays where it is: deploy the version that wrote it, or a later one', {
        ...{ pk: item.pk, sk: item.sk },
        error: error as Error,
      });
      continue;
    }
    yield found;
  }
}
