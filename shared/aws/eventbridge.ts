import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PATIENCE } from './patience.ts';

const clients = new Map<string, EventBridgeClient>();

/** The client of a Region: sources live where their customer wants them. One that hangs must not take the function with it. */
export function eventBridge(region: string): EventBridgeClient {
  const client =
    clients.get(region) ??
    new EventBridgeClient({ requestHandler: { ...PATIENCE, connectionTimeout: 1500 }, region, maxAttempts: 2 });
  clients.set(region, client);
  return client;
}
