import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { env } from './env.ts';
import { PATIENCE } from './patience.ts';

const client = new SFNClient({ requestHandler: PATIENCE, maxAttempts: 3 });

/**
 * Starts an execution of the `retry` state machine under a name. The name is the lock: while it runs a start with the same
 * input is the same execution, and afterwards the name is refused for 90 days. Both are as good as a start.
 */
export async function startRetry(name: string, input: object): Promise<void> {
  try {
    const stateMachineArn = env('RETRY_STATE_MACHINE_ARN');
    await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}
