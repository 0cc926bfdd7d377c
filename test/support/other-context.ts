import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import cdkJson from '../../cdk.json' with { type: 'json' };
import { buildApp } from '../../infra/app.ts';
import type { ChangedTemplates } from './changed-templates.ts';

interface Template {
  readonly Resources: Record<string, { readonly Type: string; Metadata?: Record<string, unknown> }>;
}

const ASSET = 'aws:asset:path';

/**
 * What `cdk synth -c …` makes of the app. The functions have the bundles of `cdk.out`, because context goes into their
 * environment and never into their code: to bundle them once more takes most of a synthesis.
 */
export function synthesizeWith(context: Readonly<Record<string, string>>): ChangedTemplates {
  const cdkOut = mkdtempSync(join(tmpdir(), 'other-context-'));
  // It is validated where templates are looked at: by the tests of infra.
  const unbundled = { ...cdkJson.context, 'aws:cdk:bundling-stacks': [], ...context };
  buildApp(new App({ outdir: cdkOut, context: unbundled, builtinCloudFormationValidation: false })).synth();
  for (const name of readdirSync(cdkOut).filter((file) => file.endsWith('.template.json'))) {
    const [file, bundled] = [join(cdkOut, name), read(join('cdk.out', name))];
    writeFileSync(file, JSON.stringify(withBundles(read(file), bundled)));
  }
  return { cdkOut, remove: () => rmSync(cdkOut, { recursive: true, force: true }) };
}

function withBundles(template: Template, bundled: Template): Template {
  for (const [id, resource] of Object.entries(template.Resources)) {
    const asset = bundled.Resources[id]?.Metadata?.[ASSET];
    if (resource.Type === 'AWS::Lambda::Function') resource.Metadata = { [ASSET]: resolve('cdk.out', String(asset)) };
  }
  return template;
}

const read = (file: string): Template => JSON.parse(readFileSync(file, 'utf8'));
