import { checkAtOnce } from '../../sources/message.ts';
import type { EventBridgeDestination } from '../destination.ts';
import type { DeliveringType } from '../type.ts';
import { attempt } from './attempt.ts';
import { haveConfirmed } from './confirm.ts';
import { amazonEventBridge } from './index.ts';

/** Amazon EventBridge, and how it is delivered to. */
export const deliveringEventBridge: DeliveringType<EventBridgeDestination> = {
  ...amazonEventBridge,

  async attempt(requests) {
    const [outcomes] = await Promise.all([attempt(requests), haveConfirmed(requests)]);
    return outcomes;
  },

  /** The source may be gone, or have lost its bus. */
  afterFailure: (destination) => checkAtOnce(destination, Date.now()),
};
