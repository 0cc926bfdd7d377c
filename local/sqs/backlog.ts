import type { Message } from './fauxqs.ts';

interface Group {
  readonly messages: Message[];
  /** How many of them were taken: cheaper than shifting a long list. */
  taken: number;
}

/** A long list is cut once this many of it were taken. */
const CUT_AFTER = 1_000;

/**
 * The visible messages of a standard queue, by message group. Groups are served in turn, one message each, as SQS's fair
 * queues do for the groups that others would drown. Messages without a group are one group of their own.
 */
export class Backlog {
  readonly #groups = new Map<string, Group>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(message: Message): void {
    const id = message.messageGroupId ?? '';
    const group = this.#groups.get(id);
    if (group) group.messages.push(message);
    else this.#groups.set(id, { messages: [message], taken: 0 });
    this.#size += 1;
  }

  take(count: number): Message[] {
    const chosen: Message[] = [];
    while (chosen.length < count) {
      const message = this.#next();
      if (!message) break;
      chosen.push(message);
    }
    return chosen;
  }

  clear(): void {
    this.#groups.clear();
    this.#size = 0;
  }

  *[Symbol.iterator](): Iterator<Message> {
    for (const { messages, taken } of this.#groups.values()) yield* messages.slice(taken);
  }

  /** The oldest message of the group that waited longest; the group goes to the end of the line. */
  #next(): Message | undefined {
    for (const [id, group] of this.#groups) {
      const message = group.messages[group.taken];
      this.#groups.delete(id);
      if (!message) continue;
      group.taken += 1;
      this.#size -= 1;
      if (group.taken >= CUT_AFTER) group.messages.splice(0, group.taken);
      if (group.taken >= CUT_AFTER) group.taken = 0;
      if (group.taken < group.messages.length) this.#groups.set(id, group);
      return message;
    }
    return undefined;
  }
}
