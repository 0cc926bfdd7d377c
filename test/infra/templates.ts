import { App, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { buildApp } from '../../infra/app.ts';

/** The stacks of the app as templates, by the last part of their names. Functions are not bundled: their code is not looked at. */
export function synthesize(context: Record<string, unknown> = {}): Record<string, Template> {
  const stacks = build(context).node.children.filter((child): child is Stack => 'templateFile' in child);
  return Object.fromEntries(
    stacks.map((stack) => [stack.stackName.split('-').at(-1) ?? stack.stackName, Template.fromStack(stack)]),
  );
}

/** What synthesis warns of. */
export const warningsOf = (context: Record<string, unknown> = {}): string[] =>
  build(context)
    .node.findAll()
    .flatMap(({ node }) => node.metadata)
    .flatMap(({ type, data }) => (type === 'aws:cdk:warning' ? [String(data)] : []));

const build = (context: Record<string, unknown>): App =>
  buildApp(new App({ context: { ...cdkJson.context, 'aws:cdk:bundling-stacks': [], ...context } }));

export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a template is looked into at any depth
  readonly Properties: any;
  readonly DeletionPolicy?: string;
}

/** All resources of a type in all stacks. */
export const resourcesOf = (templates: Record<string, Template>, type: string): [string, Resource][] =>
  Object.values(templates).flatMap((template) => Object.entries(template.findResources(type)) as [string, Resource][]);
