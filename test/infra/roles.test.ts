import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesize } from './templates.ts';

const templates = synthesize();

describe('the roles', () => {
  const statements = resourcesOf(templates, 'AWS::IAM::Policy').flatMap(([id, { Properties }]) =>
    Properties.PolicyDocument.Statement.map((statement: { Action: string | string[]; Resource: unknown }) => ({
      id,
      actions: [statement.Action].flat(),
      resources: [statement.Resource].flat(),
    })),
  );
  const actionsOf = (fn: string) =>
    new Set(statements.filter(({ id }) => id.startsWith(fn)).flatMap(({ actions }) => actions as string[]));

  it('name every action: none ends in a star', () => {
    for (const { actions } of statements)
      for (const action of actions) expect(action).not.toMatch(/^(\*|[a-z]+:\*)$|^(dynamodb|sqs|events):.*\*$/);
  });

  it('reach everything by its name, but what has no resource type: two of EventBridge, and the log and traces of the state machine', () => {
    const anywhere = statements.filter(({ resources }) => resources.includes('*'));
    const actions = anywhere.flatMap((statement) => statement.actions as string[]);
    expect(actions.filter((action) => !/^(logs|xray):/.test(action))).toEqual([
      'events:PutPartnerEvents',
      'events:ListPartnerEventSources',
    ]);
    const ofLogs = anywhere.filter((statement) =>
      (statement.actions as string[]).some((action) => /^logs:/.test(action)),
    );
    expect(ofLogs.map(({ id }) => id)).toEqual([expect.stringMatching(/^RetryMachineRole/)]);
  });

  it('let dispatch read the Registry and write no more of the Ledger than it adds', () => {
    const actions = [...actionsOf('Dispatch')].filter((action) => action.startsWith('dynamodb:'));
    expect(actions.sort()).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query']);
  });

  it('let only the API and the tracker touch event sources, and only deliver put events', () => {
    const may = (action: string) =>
      [
        'Api',
        'Events',
        'EventSources',
        'TestHelpers',
        'Dispatch',
        'DeliverEventBridge',
        'DeliverWebhook',
        'Release',
        'TrackSources',
      ].filter((fn) => actionsOf(fn).has(action));
    expect(may('events:CreatePartnerEventSource')).toEqual(['Api', 'TrackSources']);
    expect(may('events:DeletePartnerEventSource')).toEqual(['Api', 'TrackSources']);
    expect(may('events:PutPartnerEvents')).toEqual(['DeliverEventBridge']);
    expect(may('secretsmanager:GetSecretValue')).toEqual(['Api', 'Events', 'EventSources', 'TestHelpers']);
  });
});
