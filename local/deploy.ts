import { resolve } from 'node:path';
import type { Caller } from './aws-error.ts';
import type { Clock } from './clock.ts';
import type { CloudParts } from './cloud-parts.ts';
import { startMappings } from './mappings.ts';
import { createResources } from './resources.ts';
import type { SchedulerSchedule } from './schedules.ts';
import { type LoadedStack, loadStacks } from './templates/load-stacks.ts';

export interface DeployContext {
  readonly parts: CloudParts;
  readonly clock: Clock;
  readonly awsUrl: string;
  readonly schedulerSchedules: SchedulerSchedule[];
  readonly log: (line: string) => void;
  /** What every function gets beside the template's own variables, and the way to the services. */
  readonly functionEnvironment: Readonly<Record<string, string>>;
  /** How many of a function run at once, unless the template says less. */
  readonly sandboxes: number;
}

export interface Deployment {
  readonly stacks: readonly LoadedStack[];
  /** From here on the queues' messages are worked off. */
  startMappings(): { close(): void };
}

/** What SDKs and the AWS CLI need to find the embedded cloud as an account. */
export const environmentOf = (awsUrl: string, { account, region }: Caller) => ({
  AWS_ENDPOINT_URL: awsUrl,
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_REGION: region,
});

/**
 * Makes all that stands in the templates of a cloud assembly, and nothing else, in an account and Region: the service's
 * own at the start, a customer's whenever he deploys.
 */
export async function deploy(cdkOut: string, owner: Caller, context: DeployContext): Promise<Deployment> {
  const { parts, clock, awsUrl, schedulerSchedules, log, sandboxes } = context;
  const stacks = loadStacks(resolve(cdkOut), { ...owner, partition: 'aws', urlSuffix: 'amazonaws.com', awsUrl });
  await createResources(stacks, {
    ...parts,
    owner,
    cdkOut: resolve(cdkOut),
    functionEnvironment: { ...context.functionEnvironment, ...environmentOf(awsUrl, owner) },
    schedulerSchedules,
    stepFunctions: () => parts.stepFunctions.load(),
  });
  return {
    stacks,
    startMappings() {
      const mappings = startMappings(stacks, { clock, sqs: parts.sqs, lambda: parts.lambda, log, sandboxes });
      return {
        close: () => {
          for (const mapping of mappings) mapping.close();
        },
      };
    },
  };
}

/** CloudFormation's outputs, by stack and name. */
export const outputsOf = (stacks: readonly LoadedStack[]) =>
  Object.fromEntries(stacks.map(({ stackName, outputs }) => [stackName, outputs]));
