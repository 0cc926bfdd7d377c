import { sendBack } from '../../shared/dead-letters/settle.ts';
import { listParked, unpark } from '../../shared/dead-letters/store.ts';
import { listRejected } from '../../shared/events/rejected.ts';
import { DAY, isoTime } from '../../shared/time.ts';
import type { Commands } from './options.ts';

/** What could not be worked on: rejected events, dead letters. */
export const letterCommands: Commands = {
  'rejected list': async ({ days, until }) => {
    const count = Number(days);
    if (!Number.isInteger(count) || count < 1 || count > 90)
      throw new Error('--days must be a whole number from 1 to 90');
    const last = until === undefined ? Date.now() : Date.parse(until);
    if (Number.isNaN(last)) throw new Error('--until must be a day such as 2026-11-21');
    const rejected = [];
    for (let day = 0; day < count; day += 1) {
      const date = isoTime(last - day * DAY).slice(0, 10);
      for await (const { messageId, sentAt, reason, body } of listRejected(date))
        rejected.push({ message_id: messageId, sent_at: isoTime(sentAt), reason, body });
    }
    return rejected;
  },

  'dead-letters list': async () => {
    const parked = [];
    for await (const { queueUrl, past, parkedAt, body } of listParked())
      parked.push({ id: past.id, queue: queueUrl, sent_at: isoTime(past.sentAt), parked_at: isoTime(parkedAt), body });
    return parked;
  },

  'dead-letters redrive': async ({ argument }) => {
    let redriven = 0;
    for await (const letter of listParked()) {
      if (argument !== undefined && letter.past.id !== argument) continue;
      await sendBack(letter, 0);
      await unpark(letter);
      redriven += 1;
    }
    if (argument !== undefined && redriven === 0) throw new Error(`There is no dead letter ${argument}`);
    return { redriven };
  },
};
