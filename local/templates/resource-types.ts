/** What the embedded cloud has a counterpart for, and the property in which a template may name the resource. */
export const SUPPORTED: Readonly<Record<string, { readonly nameProperty?: string }>> = {
  'AWS::DynamoDB::Table': { nameProperty: 'TableName' },
  'AWS::SQS::Queue': { nameProperty: 'QueueName' },
  'AWS::SQS::QueuePolicy': {},
  'AWS::Lambda::Function': { nameProperty: 'FunctionName' },
  'AWS::Lambda::EventSourceMapping': {},
  'AWS::Lambda::EventInvokeConfig': {},
  'AWS::Events::EventBus': { nameProperty: 'Name' },
  'AWS::Events::EventBusPolicy': {},
  'AWS::Events::Rule': { nameProperty: 'Name' },
  'AWS::Scheduler::Schedule': { nameProperty: 'Name' },
  'AWS::StepFunctions::StateMachine': { nameProperty: 'StateMachineName' },
  'AWS::SecretsManager::Secret': { nameProperty: 'Name' },
  'AWS::Logs::LogGroup': { nameProperty: 'LogGroupName' },
  'AWS::ApiGateway::RestApi': { nameProperty: 'Name' },
  'AWS::ApiGateway::Resource': {},
  'AWS::ApiGateway::Method': {},
  'AWS::ApiGateway::Model': {},
  'AWS::ApiGateway::RequestValidator': {},
  'AWS::ApiGateway::GatewayResponse': {},
  'AWS::ApiGateway::Deployment': {},
  'AWS::ApiGateway::Stage': {},
};

/**
 * What needs no counterpart: nothing is encrypted or billed here, access keys are account numbers and nobody asks IAM,
 * and alarms have nobody to wake. Every type that stands in neither list is an error, so that nothing is left out unseen.
 */
export const IGNORED: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::KMS::Key',
  'AWS::KMS::Alias',
  'AWS::Lambda::Permission',
  'AWS::Logs::ResourcePolicy',
  'AWS::Logs::MetricFilter',
  'AWS::ApiGateway::Account',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::CloudWatch::Dashboard',
  'AWS::SNS::Topic',
  'AWS::SNS::TopicPolicy',
  'AWS::SNS::Subscription',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::ResourcePolicy',
]);
