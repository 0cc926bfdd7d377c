/** An event's object, or the previous attributes of one. */
export type Attributes = Readonly<Record<string, unknown>>;

/** A change that snapshot events' objects saw with an API version. */
export interface VersionChange {
  /** The first version that has it. */
  readonly version: string;
  /** For receivers: what changed. */
  readonly description: string;
  /**
   * The attributes as they were before the change; the same ones if it does not concern them. `of` is the kind of object
   * they are of (`invoice`): previous attributes do not say so themselves, and hold only some. Must not throw, whatever a
   * producer sent, nor make an event larger by more than a few hundred bytes: its size was checked at the door.
   */
  before(attributes: Attributes, of: string): Attributes;
}
