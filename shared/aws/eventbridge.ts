import { EventBridgeClient } from '@aws-sdk/client-eventbridge';

const clients = new Map<string, EventBridgeClient>();

/** The client of a Region: sources live where their customer wants them. Short time-outs: a Region that hangs must not take the function with it. */
export function eventBridge(region: string): EventBridgeClient {
  const client =
    clients.get(region) ??
    new EventBridgeClient({
      region,
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 1500, requestTimeout: 5000, throwOnRequestTimeout: true },
    });
  clients.set(region, client);
  return client;
}
