/** What the embedded cloud has a counterpart for, and the property in which a template may name the resource. */
export const SUPPORTED: Readonly<Record<string, { readonly nameProperty?: string }>> = {
  'AWS::DynamoDB::Table': { nameProperty: 'TableName' },
  'AWS::SQS::Queue': { nameProperty: 'QueueName' },
  'AWS::SQS::QueuePolicy': {},
  'AWS::SNS::Topic': { nameProperty: 'TopicName' },
  'AWS::SNS::Subscription': {},
  'AWS::Lambda::Function': { nameProperty: 'FunctionName' },
  'AWS::Lambda::EventSourceMapping': {},
  'AWS::Lambda::EventInvokeConfig': {},
  'AWS::Events::EventBus': { nameProperty: 'Name' },
  'AWS::Events::EventBusPolicy': {},
  'AWS::Events::Connection': { nameProperty: 'Name' },
  'AWS::Events::ApiDestination': { nameProperty: 'Name' },
  'AWS::Events::Rule': { nameProperty: 'Name' },
  'AWS::Scheduler::Schedule': { nameProperty: 'Name' },
  'AWS::StepFunctions::StateMachine': { nameProperty: 'StateMachineName' },
  'AWS::SecretsManager::Secret': { nameProperty: 'Name' },
  'AWS::KMS::Key': {},
  'AWS::Logs::LogGroup': { nameProperty: 'LogGroupName' },
  'AWS::CloudWatch::Alarm': { nameProperty: 'AlarmName' },
  'AWS::CloudWatch::Dashboard': { nameProperty: 'DashboardName' },
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
 * What needs no counterpart: nothing is encrypted at rest or billed here, access keys are account numbers and nobody asks
 * IAM. Every type that stands in neither list is an error, so that nothing is left out unseen.
 */
export const IGNORED: ReadonlySet<string> = new Set([
  'AWS::CDK::Metadata',
  'AWS::IAM::Role',
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::KMS::Alias',
  'AWS::Lambda::Permission',
  'AWS::Logs::ResourcePolicy',
  'AWS::Logs::MetricFilter',
  'AWS::ApiGateway::Account',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::SNS::TopicPolicy',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::XRay::SamplingRule',
]);
