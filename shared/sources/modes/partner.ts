import { PutPartnerEventsCommand } from '@aws-sdk/client-eventbridge';
import { eventBridge } from '../../aws/eventbridge.ts';
import { createSource, deleteSource, observeSource, sourceName } from '../event-bridge-sources.ts';
import { locationOf } from '../location.ts';
import { recordName } from '../names.ts';
import type { DeliveryMode } from './mode.ts';

/** A partner event source in the customer's account. */
export const partner: DeliveryMode = {
  name: 'partner_event_source',
  sourceName,
  pendingExpires: true,
  async create(destination) {
    await recordName(destination);
    return createSource(locationOf(destination));
  },
  delete: (destination) => deleteSource(locationOf(destination)),
  observe: (destination) => observeSource(locationOf(destination)),
  entriesPerCall: 20,
  async put(region, entries) {
    const { Entries = [] } = await eventBridge(region).send(new PutPartnerEventsCommand({ Entries: [...entries] }));
    return Entries;
  },
  // A source belongs to us, and so does whatever AWS refuses us.
  refuses: () => false,
};
