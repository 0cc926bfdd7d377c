import { isRecord } from '../fields.ts';

/**
 * Which messages of a batch failed, by Lambda's rules for ReportBatchItemFailures: null, {} and an empty list mean that
 * all succeeded; an empty or unknown identifier, or something that is no list, means that all failed.
 */
export function failedMessages(response: unknown, messageIds: readonly string[]): ReadonlySet<string> {
  const all = new Set(messageIds);
  const none = new Set<string>();
  if (response === null || response === undefined) return none;
  if (!isRecord(response)) return all;
  const failures = response.batchItemFailures ?? [];
  if (!Array.isArray(failures)) return all;
  const failed = new Set<string>();
  for (const failure of failures) {
    const id: unknown = isRecord(failure) ? failure.itemIdentifier : undefined;
    if (typeof id !== 'string' || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}
