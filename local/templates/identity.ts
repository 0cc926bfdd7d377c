import { createHash } from 'node:crypto';

/** Where a stack lies, and how the outside reaches its queues. */
export interface Place {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;
  /** `http://127.0.0.1:<port>`, the beginning of every queue URL. */
  readonly awsUrl: string;
}

/** What `Ref` and `Fn::GetAtt` answer for a resource. */
export interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a resource's identity is made of. */
export interface Named {
  readonly type: string;
  readonly logicalId: string;
  readonly name: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * Everything that AWS would only know once the resource is there can be computed from its name here. The parts of an
 * API are known by their logical ids, which is how local/apigateway links them.
 */
export function identify({ type, logicalId, name, properties }: Named, place: Place): Identity {
  const arn = (service: string, resource: string) =>
    `arn:${place.partition}:${service}:${place.region}:${place.account}:${resource}`;
  switch (type) {
    case 'AWS::SQS::Queue': {
      const url = `${place.awsUrl}/${place.account}/${name}`;
      return { ref: url, attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: url } };
    }
    case 'AWS::Lambda::Function':
      return { ref: name, attributes: { Arn: arn('lambda', `function:${name}`) } };
    case 'AWS::DynamoDB::Table':
      return { ref: name, attributes: { Arn: arn('dynamodb', `table/${name}`) } };
    case 'AWS::Events::EventBus':
      return { ref: name, attributes: { Arn: arn('events', `event-bus/${name}`), Name: name } };
    case 'AWS::Events::Connection':
      return { ref: name, attributes: { Arn: arn('events', `connection/${name}/${uuidOf(name)}`) } };
    case 'AWS::Events::ApiDestination': {
      const destination = arn('events', `api-destination/${name}/${uuidOf(name)}`);
      return { ref: name, attributes: { Arn: destination, ArnForPolicy: destination.replace(/\/[^/]*$/, '') } };
    }
    case 'AWS::Events::Rule':
      return ruleIdentity(name, String(properties.EventBusName ?? 'default'), arn);
    case 'AWS::Scheduler::Schedule':
      return { ref: name, attributes: { Arn: arn('scheduler', `schedule/default/${name}`) } };
    case 'AWS::StepFunctions::StateMachine': {
      const machine = arn('states', `stateMachine:${name}`);
      return { ref: machine, attributes: { Arn: machine, Name: name } };
    }
    case 'AWS::SecretsManager::Secret': {
      const secret = arn('secretsmanager', `secret:${name}-${shortHash(name, 6)}`);
      return { ref: secret, attributes: { Id: secret } };
    }
    case 'AWS::Logs::LogGroup':
      return { ref: name, attributes: { Arn: arn('logs', `log-group:${name}:*`) } };
    case 'AWS::KMS::Key': {
      const keyId = uuidOf(name);
      return { ref: keyId, attributes: { Arn: arn('kms', `key/${keyId}`), KeyId: keyId } };
    }
    case 'AWS::CloudWatch::Alarm':
      return { ref: name, attributes: { Arn: arn('cloudwatch', `alarm:${name}`) } };
    case 'AWS::SNS::Topic':
      return { ref: arn('sns', name), attributes: { TopicArn: arn('sns', name), TopicName: name } };
    case 'AWS::IAM::Role':
      return { ref: name, attributes: { Arn: `arn:${place.partition}:iam::${place.account}:role/${name}` } };
    case 'AWS::ApiGateway::RestApi':
      return { ref: logicalId, attributes: { RestApiId: logicalId, RootResourceId: `${logicalId}.RootResourceId` } };
    case 'AWS::ApiGateway::Resource':
      return { ref: logicalId, attributes: { ResourceId: logicalId } };
    case 'AWS::ApiGateway::Deployment':
      return { ref: logicalId, attributes: { DeploymentId: logicalId } };
    case 'AWS::ApiGateway::Stage':
      return { ref: String(properties.StageName ?? name), attributes: {} };
    default:
      return { ref: name, attributes: {} };
  }
}

function ruleIdentity(name: string, bus: string, arn: (service: string, resource: string) => string): Identity {
  const busName = bus.startsWith('arn:') ? bus.slice(bus.indexOf('event-bus/') + 'event-bus/'.length) : bus;
  const path = busName === 'default' ? name : `${busName}/${name}`;
  return {
    ref: busName === 'default' ? name : `${busName}|${name}`,
    attributes: { Arn: arn('events', `rule/${path}`) },
  };
}

/** Lower-case letters and digits that are the same at every boot: data kept from the last one go on fitting. */
function shortHash(text: string, length: number): string {
  const digest = createHash('sha256').update(text).digest();
  return Array.from(digest.subarray(0, length), (byte) => (byte % 36).toString(36)).join('');
}

function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
