import { env } from '../../aws/env.ts';
import type { EventBridgeDestination } from '../../destinations/destination.ts';
import { bus } from './bus.ts';
import type { DeliveryMode } from './mode.ts';
import { partner } from './partner.ts';

const modes: Readonly<Record<string, DeliveryMode>> = { partner, bus };

/** Those that the stage is deployed with. */
const deployed = (): string[] => env('EVENTBRIDGE_DELIVERY').split(',');

/** The first is that of new destinations. */
export function modeOfNew(): DeliveryMode {
  const [name = ''] = deployed();
  const mode = modes[name];
  if (mode) return mode;
  throw new Error(`EVENTBRIDGE_DELIVERY begins with ${name}, and must with one of ${Object.keys(modes).join(', ')}`);
}

/** Whether there can be partner event sources of ours, and we may ask AWS for them. */
export const servesPartnerSources = (): boolean => deployed().includes('partner');

/** A destination keeps the mode that it was created in: the names of partner event sources, and no others, begin so. */
export const modeOf = ({ source }: EventBridgeDestination): DeliveryMode =>
  source.name.startsWith('aws.partner/') ? partner : bus;
