export interface PackLimits {
  readonly count: number;
  readonly bytes: number;
}

/** Packs items into batches within both limits, in their order. An item over the byte limit gets a batch of its own. */
export function pack<T>(items: Iterable<T>, limits: PackLimits, size: (item: T) => number): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const itemBytes = size(item);
    if (batch.length > 0 && (batch.length === limits.count || bytes + itemBytes > limits.bytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(item);
    bytes += itemBytes;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
