import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errors } from '../../functions/api/openapi/errors.ts';
import { routes } from '../../functions/api/routes.ts';
import { writeEnvFile } from '../../local/quickstart.ts';
import { answersOf, examplesOf, isAsShown, runExamples } from '../support/example-page.ts';
import { type Platform, startPlatform } from '../support/platform.ts';

const page = readFileSync('docs/api.md', 'utf8');

let platform: Platform;
let folder: string;
beforeAll(async () => {
  platform = await startPlatform();
  folder = mkdtempSync(join(tmpdir(), 'api-page-'));
});
afterAll(async () => {
  await platform?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `.local/env`, as `npm start` writes it. */
function environmentFile(): string {
  const { seed, cloud } = platform;
  const file = join(folder, 'env');
  writeEnvFile(
    cloud,
    {
      account: seed.account,
      connectedAccount: seed.connected_account,
      testKey: seed.test_key,
      liveKey: seed.live_key,
      publishKey: seed.publish_key,
      publishLiveKey: seed.publish_live_key,
      customerAccountId: seed.customer_account_id,
    },
    file,
  );
  return file;
}

describe('docs/api.md', () => {
  it('shows commands that work in its order, with the answers that they get', async () => {
    const file = environmentFile();
    const examples = examplesOf(page).map((example) => ({
      ...example,
      command: example.command.replace('. .local/env', `. '${file}'`),
    }));
    expect(examples.length).toBeGreaterThan(30);
    for (const { example, printed } of await runExamples(examples, {})) {
      const { shown, actual } = answersOf(example, printed);
      if (shown === undefined) expect(printed, `line ${example.line}`).not.toContain('"error"');
      else if (!isAsShown(shown, actual)) expect(actual, `the answer shown after line ${example.line}`).toEqual(shown);
    }
  }, 180_000);

  it.each(routes)('has an example of $method $path, and its scope', ({ method, path, scope }) => {
    const [, table = ''] = page.split('## Scopes');
    const row = table.split('\n').find((line) => line.startsWith(`| \`${scope}\``));
    expect(row).toContain(`\`${method} ${path}\``);
    const commands = examplesOf(page).map(({ command }) => command);
    expect(commands.some((command) => command.split('curl').some((call) => isCallOf(method, path, call)))).toBe(true);
  });

  it('names every code of an error, with its statuses', () => {
    for (const [code, { statuses }] of Object.entries(errors))
      expect(page).toContain(`| ${statuses.join(', ')} | \`${code}\` |`);
  });
});

/** Whether the arguments of a curl make that request. */
function isCallOf(method: string, path: string, call: string): boolean {
  const [, url = ''] = /\$STRIPE_API_BASE([^\s"?]+)/.exec(call) ?? [];
  const parts = url.split('/');
  const wanted = path.split('/');
  const fits = wanted.length === parts.length && wanted.every((part, at) => part === parts[at] || /^\{/.test(part));
  const asked = /-X (\w+)/.exec(call)?.[1] ?? (/ -s?G|-sG/.test(call) || !/ (--json|-d) /.test(call) ? 'GET' : 'POST');
  return fits && asked === method;
}
