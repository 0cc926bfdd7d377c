import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Seed } from './seed.ts';
import { ROOT } from './synth.ts';

export interface Urls {
  readonly apiUrl: string;
  readonly awsUrl: string;
}

interface Deployed extends Urls {
  /** CloudFormation's outputs, by stack and name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const REGION = 'us-east-1';
export const ENV_FILE = join(ROOT, '.local', 'env');

/** Writes `.local/env`, with which a shell is set up as the customer. It holds keys: nobody else may read it. */
export function writeEnvFile({ apiUrl, awsUrl, outputs }: Deployed, seed: Seed, file = ENV_FILE): void {
  const output = (name: string) => Object.values(outputs).find((of) => name in of)?.[name];
  const variables = {
    STRIPE_API_BASE: apiUrl,
    STRIPE_API_KEY: seed.testKey,
    STRIPE_LIVE_KEY: seed.liveKey,
    PUBLISH_API_KEY: seed.publishKey,
    PUBLISH_LIVE_API_KEY: seed.publishLiveKey,
    ACCOUNT_ID: seed.account,
    CONNECTED_ACCOUNT_ID: seed.connectedAccount,
    CUSTOMER_ACCOUNT_ID: seed.customerAccountId,
    INGEST_BUS_NAME: output('IngestBusName'),
    EVENTS_QUEUE_URL: output('EventsQueueUrl'),
    AWS_ENDPOINT_URL: awsUrl,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: seed.customerAccountId,
    AWS_SECRET_ACCESS_KEY: 'local',
    // The AWS CLI would show answers in a pager, and wait.
    AWS_PAGER: '',
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, lines.join(''), { mode: 0o600 });
}

/** What `npm start` prints once everything runs. The commands can be pasted one after the other. */
export function quickstart({ apiUrl, awsUrl }: Urls, seed: Seed): string {
  return `
Event destinations run on this computer, whole. Ctrl-C ends them.

  API   ${apiUrl}
  AWS   ${awsUrl}   EventBridge, SQS, DynamoDB, Logs, ...: for any AWS SDK or CLI

  test key     ${seed.testKey}       publishing  ${seed.publishKey}
  live key     ${seed.liveKey}       publishing  ${seed.publishLiveKey}
  account      ${seed.account}, connected to it ${seed.connectedAccount}
  AWS account  ${seed.customerAccountId} plays the customer (its access key id is its account id)

From an event to the customer's EventBridge, in another shell in this folder:

${commands({ awsCli: hasAwsCli() })}
Time: \`npm run local -- advance 3d\` moves it, \`npm run local -- status\` shows what is where.
`;
}

/** The main job as a shell does it; without the AWS CLI, curl plays the customer. */
export const commands = ({
  awsCli,
}: {
  awsCli: boolean;
}): string => `# 1. Create an event destination, and keep the name of its event source
. .local/env
SOURCE=$(curl -s $STRIPE_API_BASE/v2/core/event_destinations -H "Authorization: Bearer $STRIPE_API_KEY" \\
  -H "Content-Type: application/json" -d '{"name":"First","type":"amazon_eventbridge","event_payload":"snapshot",
  "enabled_events":["customer.created"],"amazon_eventbridge":{"aws_account_id":"'$AWS_ACCESS_KEY_ID'","aws_region":"us-east-1"}}' |
  node -p 'JSON.parse(fs.readFileSync(0)).amazon_eventbridge.aws_event_source_arn.split("event-source/")[1]'); echo $SOURCE

# 2. As the customer: associate the source with an event bus, and let a rule send its events to a log group
${awsCli ? ASSOCIATE_WITH_CLI : ASSOCIATE_WITH_CURL}
# 3. Publish an event
curl -s $STRIPE_API_BASE/v1/events -H "Authorization: Bearer $PUBLISH_API_KEY" -H "Content-Type: application/json" \\
  -d '{"type":"customer.created","data":{"object":{"id":"cus_123","object":"customer"}}}'; echo

# 4. Once a minute the service looks for sources that became active, and then sends what it held: wait, or move the time
npm run -s local -- advance 2m

# 5. Read what arrived
${awsCli ? READ_WITH_CLI : READ_WITH_CURL}`;

const ASSOCIATE_WITH_CLI = `aws --endpoint-url $AWS_ENDPOINT_URL events create-event-bus --name $SOURCE --event-source-name $SOURCE
aws --endpoint-url $AWS_ENDPOINT_URL logs create-log-group --log-group-name /aws/events/first
aws --endpoint-url $AWS_ENDPOINT_URL events put-rule --name all --event-bus-name $SOURCE --event-pattern '{"source":[{"prefix":""}]}'
aws --endpoint-url $AWS_ENDPOINT_URL events put-targets --rule all --event-bus-name $SOURCE \\
  --targets Id=1,Arn=arn:aws:logs:us-east-1:$AWS_ACCESS_KEY_ID:log-group:/aws/events/first
`;

const ASSOCIATE_WITH_CURL = `aws_call() { curl -s $AWS_ENDPOINT_URL -H "X-Amz-Target: $1" -H "Content-Type: application/x-amz-json-1.1" \\
  -H "Authorization: AWS4-HMAC-SHA256 Credential=$AWS_ACCESS_KEY_ID/20260101/us-east-1/local/aws4_request" -d "$2"; echo; }
aws_call AWSEvents.CreateEventBus '{"Name":"'$SOURCE'","EventSourceName":"'$SOURCE'"}'
aws_call Logs_20140328.CreateLogGroup '{"logGroupName":"/aws/events/first"}'
aws_call AWSEvents.PutRule '{"Name":"all","EventBusName":"'$SOURCE'","EventPattern":"{\\"source\\":[{\\"prefix\\":\\"\\"}]}"}'
aws_call AWSEvents.PutTargets '{"Rule":"all","EventBusName":"'$SOURCE'","Targets":[{"Id":"1",
  "Arn":"arn:aws:logs:us-east-1:'$AWS_ACCESS_KEY_ID':log-group:/aws/events/first"}]}'
`;

const READ_WITH_CLI = `aws --endpoint-url $AWS_ENDPOINT_URL logs filter-log-events --log-group-name /aws/events/first \\
  --query 'events[].message' --output text
`;

const READ_WITH_CURL = `aws_call Logs_20140328.FilterLogEvents '{"logGroupName":"/aws/events/first"}' |
  node -p 'JSON.parse(fs.readFileSync(0)).events.map((event) => event.message).join("\\n")'
`;

const hasAwsCli = (): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'aws')));
