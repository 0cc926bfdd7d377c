import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from './templates.ts';

export interface SynthesizedTemplate {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}

const CDK_OUT = 'cdk.out';

/** The paths of the templates that are deployed and booted, by the last part of their stacks' names. */
export function templateFiles(cdkOut = CDK_OUT): Record<string, string> {
  const manifest: { artifacts: Record<string, { type: string; properties: { templateFile: string } }> } = JSON.parse(
    readFileSync(join(cdkOut, 'manifest.json'), 'utf8'),
  );
  const stacks = Object.entries(manifest.artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack');
  return Object.fromEntries(
    stacks.map(([name, { properties }]) => [name.split('-').at(-1) ?? name, join(cdkOut, properties.templateFile)]),
  );
}

/** The same, read. No app is built for it, which takes seconds. */
const synthesizedTemplates = (cdkOut?: string): Record<string, SynthesizedTemplate> =>
  Object.fromEntries(
    Object.entries(templateFiles(cdkOut)).map(([name, file]) => [name, JSON.parse(readFileSync(file, 'utf8'))]),
  );

/** All resources of a type in all stacks, by logical id. */
export const synthesizedResources = (type: string, cdkOut?: string): [string, Resource][] =>
  Object.values(synthesizedTemplates(cdkOut)).flatMap(({ Resources }) =>
    Object.entries(Resources).filter(([, resource]) => resource.Type === type),
  );

/** A logical id without the hash that CDK adds. */
export const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');

/** A template's value as one readable text: references by the name of what they point at. */
export function readable(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  switch (name) {
    case 'Ref':
      return String(argument).startsWith('AWS::') ? `<${String(argument).slice(5)}>` : withoutHash(String(argument));
    case 'Fn::GetAtt':
      return withoutHash(String(argument[0]));
    case 'Fn::GetStackOutput':
      return /Output(?:Ref|FnGetAtt)([A-Za-z]+?)[0-9A-F]{8}/.exec(argument.OutputName)?.[1] ?? argument.OutputName;
    case 'Fn::ImportValue':
      return exported(JSON.stringify(argument));
    case 'Fn::Join':
      return argument[1].map(readable).join(argument[0]);
    default:
      return JSON.stringify(value);
  }
}

/** `…-registry:ExportsOutputFnGetAttKey961B73FDArn5A860C43` is the ARN of the stack's `Key`. */
function exported(name: string): string {
  const [, stack, resource] =
    /-([a-z]+)"?[:,]\W*Exports?Output(?:Ref|FnGetAtt)([A-Za-z]+?)[0-9A-F]{8}/.exec(name) ?? [];
  return resource === 'Key' ? `${stack} key` : (resource ?? name);
}
