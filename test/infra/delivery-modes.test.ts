import { describe, expect, it, vi } from 'vitest';
import { type Resource, resourcesOf, synthesize } from './templates.ts';

/** A synth of all stacks each, on a busy machine. */
vi.setConfig({ testTimeout: 180_000 });

const of = (templates: ReturnType<typeof synthesize>, type: string): Resource[] =>
  resourcesOf(templates, type).map(([, resource]) => resource);

/** Every action of EventBridge that any function may do, and on what. */
function eventBridgeActions(templates: ReturnType<typeof synthesize>): Map<string, string> {
  const statements = of(templates, 'AWS::IAM::Policy').flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  return new Map(
    statements.flatMap(({ Action, Resource }) =>
      [Action]
        .flat()
        .filter((action: string) => action.startsWith('events:'))
        .map((action: string): [string, string] => [action, JSON.stringify(Resource)]),
    ),
  );
}

const modesIn = (templates: ReturnType<typeof synthesize>) =>
  new Set(
    of(templates, 'AWS::Lambda::Function').flatMap(
      ({ Properties }) => Properties.Environment?.Variables?.EVENTBRIDGE_DELIVERY ?? [],
    ),
  );
const hasEchoRoute = (templates: ReturnType<typeof synthesize>) =>
  of(templates, 'AWS::ApiGateway::Resource').some(({ Properties }) => Properties.PathPart === 'echo');

describe('the delivery mode', () => {
  it('is the partner’s without any context, and may not put on event buses', () => {
    const templates = synthesize();
    expect(modesIn(templates)).toEqual(new Set(['partner']));
    expect([...eventBridgeActions(templates).keys()].sort()).toEqual([
      'events:CreatePartnerEventSource',
      'events:DeletePartnerEventSource',
      'events:DescribeEventSource',
      'events:ListPartnerEventSourceAccounts',
      'events:ListPartnerEventSources',
      'events:PutPartnerEvents',
    ]);
    expect(hasEchoRoute(templates)).toBe(false);
  });

  it('of event buses may put on those of destinations, and do nothing that partners do', () => {
    const templates = synthesize({ eventBridgeDelivery: 'bus' });
    expect(modesIn(templates)).toEqual(new Set(['bus']));
    const actions = eventBridgeActions(templates);
    expect([...actions.keys()]).toEqual(['events:PutEvents']);
    expect(actions.get('events:PutEvents')).toContain(':events:*:*:event-bus/event-destinations-ed_*');
    expect(hasEchoRoute(templates)).toBe(true);
  });

  it('of several is the first for new destinations, and may do what the others need', () => {
    const templates = synthesize({ eventBridgeDelivery: 'partner,bus' });
    expect(modesIn(templates)).toEqual(new Set(['partner,bus']));
    const actions = eventBridgeActions(templates);
    for (const action of ['events:PutEvents', 'events:PutPartnerEvents']) expect(actions.has(action)).toBe(true);
  });

  it.each([
    ['a mode that is none', { eventBridgeDelivery: 'sns' }, /must be partner or bus/],
    [
      'a source on event buses that only AWS may use',
      { eventBridgeDelivery: 'bus', partner: 'aws.partner/aws.example' },
      /begins with aws/,
    ],
  ])('refuses %s', (_what, context, message) => {
    expect(() => synthesize(context)).toThrow(message);
  });
});
