import { type FauxqsPersistence, type FauxqsQueue, openPersistence } from './fauxqs.ts';

/** fauxqs' SQLite file, with what would lose messages or fail put right. */
export async function openQueueFile(folder: string): Promise<FauxqsPersistence> {
  const persistence = await openPersistence(folder);
  const { db } = persistence;
  // Survives the end of this process at any moment; only a power cut could take the last writes, and they are a toy's.
  db.exec('PRAGMA synchronous = NORMAL');

  // fauxqs writes NULL into a column that must not be NULL when a visibility time-out is set to zero.
  const ready = db.prepare(
    'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
  );
  persistence.updateMessageReady = (messageId) => void ready.run(messageId);

  // fauxqs replaces the row, for a changed tag for example, and SQLite then deletes the queue's messages with it.
  const upsert = db.prepare(`
    INSERT INTO sqs_queues (name, url, arn, attributes, tags, created_timestamp, last_modified_timestamp, sequence_counter)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET url = excluded.url, attributes = excluded.attributes, tags = excluded.tags`);
  persistence.insertQueue = ({ name, url, arn, attributes, tags, ...queue }: FauxqsQueue) => {
    const { createdTimestamp, lastModifiedTimestamp, sequenceCounter } = queue;
    const tagsJson = JSON.stringify(Object.fromEntries(tags));
    upsert.run(
      name,
      url,
      arn,
      JSON.stringify(attributes),
      tagsJson,
      createdTimestamp,
      lastModifiedTimestamp,
      sequenceCounter,
    );
  };
  return persistence;
}
