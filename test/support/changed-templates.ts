import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface ChangedTemplates {
  readonly cdkOut: string;
  remove(): void;
}

/** A copy of cdk.out in which the templates' text is changed, as other context would have changed it. The bundles are the very same. */
export function changeTemplates(change: (template: string) => string): ChangedTemplates {
  const original = resolve('cdk.out');
  const copy = mkdtempSync(join(tmpdir(), 'cdk-out-'));
  for (const name of readdirSync(original)) {
    const [from, to] = [join(original, name), join(copy, name)];
    if (name.startsWith('asset.')) symlinkSync(from, to);
    else if (!name.endsWith('.template.json')) cpSync(from, to, { recursive: true });
    else writeFileSync(to, change(readFileSync(from, 'utf8')));
  }
  return { cdkOut: copy, remove: () => rmSync(copy, { recursive: true, force: true }) };
}
