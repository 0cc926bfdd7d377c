import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fields } from '../fields.ts';

/** One stack as `cdk synth` wrote it. */
export interface StackTemplate {
  readonly stackName: string;
  readonly template: Fields;
}

const STACK = 'aws:cloudformation:stack';
/** What stands in a manifest beside the stacks and is none of ours: assets are found by the functions' metadata. */
const BESIDE = new Set(['cdk:asset-manifest', 'cdk:tree', 'cdk:feature-flag-report', 'aws:cdk:validation-report']);

/** Reads cdk.out: the stacks, each after those that it depends on. */
export function readCloudAssembly(cdkOut: string): StackTemplate[] {
  const artifacts = readJson(join(cdkOut, 'manifest.json')).fields('artifacts');
  for (const id of Object.keys(artifacts.values)) refuseUnknown(id, artifacts.fields(id).string('type'));
  return inDependencyOrder(artifacts).map((id) => {
    const properties = artifacts.fields(id).fields('properties');
    return {
      stackName: properties.optionalString('stackName') ?? id,
      template: readJson(join(cdkOut, properties.string('templateFile'))),
    };
  });
}

function readJson(file: string): Fields {
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`npm run synth\` first`);
  return new Fields(JSON.parse(readFileSync(file, 'utf8')), file);
}

function refuseUnknown(id: string, type: string): void {
  if (type === STACK || BESIDE.has(type)) return;
  throw new Error(`cdk.out holds ${id} of type ${type}, which the embedded cloud does not know`);
}

function inDependencyOrder(artifacts: Fields): string[] {
  const ordered = new Set<string>();
  const visit = (id: string) => {
    const artifact = artifacts.fields(id);
    if (ordered.has(id) || artifact.string('type') !== STACK) return;
    for (const dependency of artifact.strings('dependencies')) visit(dependency);
    ordered.add(id);
  };
  for (const id of Object.keys(artifacts.values)) visit(id);
  return [...ordered];
}
