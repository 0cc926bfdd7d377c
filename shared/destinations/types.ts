import { amazonEventBridge } from './amazon-eventbridge/index.ts';

/** Every destination type there is. */
export const destinationTypes = {
  amazon_eventbridge: amazonEventBridge,
} as const;
