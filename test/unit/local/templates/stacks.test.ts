// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders of Fn::Sub
import { describe, expect, test } from 'vitest';
import { Fields } from '../../../../local/fields.ts';
import { resolveStacks } from '../../../../local/templates/load-stacks.ts';

const PLACE = {
  account: '000000000000',
  region: 'us-east-1',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  awsUrl: 'http://127.0.0.1:4566',
};

const load = (templates: Record<string, object>) =>
  resolveStacks(
    Object.entries(templates).map(([stackName, template]) => ({
      stackName,
      template: new Fields(template, stackName),
    })),
    PLACE,
  );

/** What an output with this value resolves to, in a stack with some resources. */
function resolved(value: unknown, more: object = {}): string | undefined {
  const Resources = {
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
    Unnamed: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
    Function: { Type: 'AWS::Lambda::Function', Properties: {} },
    Table: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: { 'Fn::Sub': '${AWS::StackName}-table' } } },
    Role: { Type: 'AWS::IAM::Role', Properties: {} },
  };
  return load({ app: { Resources, ...more, Outputs: { Value: { Value: value } } } })[0]?.outputs.Value;
}

const WORK = 'arn:aws:sqs:us-east-1:000000000000:work';

describe('references', () => {
  test.each([
    ['a queue by its URL', { Ref: 'Queue' }, 'http://127.0.0.1:4566/000000000000/work'],
    ['an attribute', { 'Fn::GetAtt': ['Queue', 'Arn'] }, WORK],
    ['an attribute in short form', { 'Fn::GetAtt': 'Queue.QueueName' }, 'work'],
    ['a name made of an intrinsic', { Ref: 'Table' }, 'app-table'],
    ['a name that nobody gave', { Ref: 'Function' }, 'app-Function'],
    ['a FIFO queue that nobody named', { 'Fn::GetAtt': ['Unnamed', 'QueueName'] }, 'app-Unnamed.fifo'],
    [
      'what is ignored and still referred to',
      { 'Fn::GetAtt': ['Role', 'Arn'] },
      'arn:aws:iam::000000000000:role/app-Role',
    ],
    ['the account', { Ref: 'AWS::AccountId' }, '000000000000'],
    ['the Region', { Ref: 'AWS::Region' }, 'us-east-1'],
  ])('resolve %s', (_what, value, expected) => expect(resolved(value)).toBe(expected));

  test('resolve a parameter by its default', () => {
    expect(resolved({ Ref: 'Stage' }, { Parameters: { Stage: { Type: 'String', Default: 'dev' } } })).toBe('dev');
  });

  test.each([
    [{ Ref: 'Nobody' }, 'app has no resource or parameter Nobody'],
    [{ 'Fn::GetAtt': ['Queue', 'Colour'] }, 'Fn::GetAtt Queue.Colour is not known for AWS::SQS::Queue'],
    [{ 'Fn::ImportValue': 'nothing' }, 'no stack exports nothing'],
    [{ 'Fn::Cidr': ['10.0.0.0/16'] }, 'Unsupported intrinsic function Fn::Cidr'],
    ['{{resolve:secretsmanager:key}}', 'Unsupported dynamic reference'],
  ])('to what is not there are an error: %j', (value, message) => {
    expect(() => resolved(value)).toThrow(message);
  });
});

describe('functions', () => {
  test.each([
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 1]] }, 'a-us-east-1-1'],
    ['Sub', { 'Fn::Sub': '${Queue.Arn}/${!Literal}/${AWS::Partition}' }, `${WORK}/\${Literal}/aws`],
    ['Sub with variables', { 'Fn::Sub': ['${x}-${AWS::Region}', { x: { Ref: 'Table' } }] }, 'app-table-us-east-1'],
    ['Select of Split', { 'Fn::Select': [2, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Queue', 'Arn'] }] }] }, 'sqs'],
    ['Base64', { 'Fn::Base64': 'hello' }, 'aGVsbG8='],
  ])('%s', (_name, value, expected) => expect(resolved(value)).toBe(expected));

  test('FindInMap', () => {
    const Mappings = { Sizes: { 'us-east-1': { queue: 'large' } } };
    expect(resolved({ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'queue'] }, { Mappings })).toBe('large');
  });

  test('If, with every function of a condition', () => {
    const Conditions = {
      Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      There: { 'Fn::Not': [{ Condition: 'Here' }] },
      Either: { 'Fn::Or': [{ Condition: 'Here' }, { Condition: 'There' }] },
      Both: { 'Fn::And': [{ Condition: 'Here' }, { Condition: 'There' }] },
    };
    const choose = (name: string) => resolved({ 'Fn::If': [name, 'yes', 'no'] }, { Conditions });
    expect(['Here', 'There', 'Either', 'Both'].map(choose)).toEqual(['yes', 'no', 'yes', 'no']);
  });

  test('AWS::NoValue leaves out properties and elements', () => {
    const Properties = { DelaySeconds: { Ref: 'AWS::NoValue' }, Tags: ['a', { Ref: 'AWS::NoValue' }] };
    const [stack] = load({ app: { Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties } } } });
    expect(stack?.resources[0]?.properties.values).toEqual({ Tags: ['a'] });
  });
});

describe('stacks', () => {
  const Producer = {
    Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'shared' } } },
    Outputs: {
      Arn: { Value: { 'Fn::GetAtt': ['Queue', 'Arn'] }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Arn' } } },
    },
  };
  const consumer = (value: object) => ({ Resources: {}, Outputs: { Seen: { Value: value } } });

  test.each([
    ['Fn::ImportValue', { 'Fn::ImportValue': 'producer:Arn' }],
    ['Fn::GetStackOutput', { 'Fn::GetStackOutput': { StackName: 'producer', OutputName: 'Arn' } }],
  ])('read each other by %s, in whatever order they come', (_how, value) => {
    const stacks = load({ consumer: consumer(value), producer: Producer });
    expect(stacks[0]?.outputs.Seen).toBe('arn:aws:sqs:us-east-1:000000000000:shared');
  });

  test('hold no resource whose condition is false, and none that needs no counterpart', () => {
    const Resources = {
      Gone: { Type: 'AWS::SQS::Queue', Condition: 'Never', Properties: {} },
      Role: { Type: 'AWS::IAM::Role', Properties: { Anything: { 'Fn::Cidr': [] } } },
    };
    const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
    expect(load({ app: { Resources, Conditions } })[0]?.resources).toEqual([]);
  });

  test('with a resource that the embedded cloud does not know are an error', () => {
    const Resources = { Cluster: { Type: 'AWS::ECS::Cluster', Properties: {} } };
    expect(() => load({ app: { Resources } })).toThrow(
      'app: Cluster is an AWS::ECS::Cluster, for which the embedded cloud',
    );
  });

  test('say where a value that cannot be resolved stands', () => {
    const Resources = { Queue: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: { 'Fn::Cidr': [] } } } };
    expect(() => load({ app: { Resources } })).toThrow('app: Queue: Unsupported intrinsic function Fn::Cidr');
  });
});
