import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkGenerated } from './check-generated.ts';

let root: string;
const file = () => join(root, 'packages/one/src/gen/message.ts');
const workspace = (scripts: Record<string, string>) => [
  { path: 'packages/one', manifest: { name: 'one', scripts } },
];
const WITH_SCRIPT = { generate: 'generate' };
const done = { exitCode: 0, output: '' };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'generated-'));
  mkdirSync(join(root, 'packages/one/src/gen'), { recursive: true });
  writeFileSync(file(), 'one');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('generated code', () => {
  test('passes where generating again changes nothing', async () => {
    const generate = async () => {
      writeFileSync(file(), 'one');
      return done;
    };
    expect(await checkGenerated(root, workspace(WITH_SCRIPT), generate)).toEqual([]);
  });

  test('fails where a file changes, appears or goes', async () => {
    const generate = async () => {
      writeFileSync(file(), 'two');
      writeFileSync(join(root, 'packages/one/src/gen/new.ts'), 'new');
      return done;
    };
    expect(await checkGenerated(root, workspace(WITH_SCRIPT), generate)).toEqual([
      'packages/one/src/gen/message.ts changed',
      'packages/one/src/gen/new.ts is new',
    ]);
    const remove = async () => {
      rmSync(file());
      return done;
    };
    const gone = await checkGenerated(root, workspace(WITH_SCRIPT), remove);
    expect(gone).toContain('packages/one/src/gen/message.ts is gone');
  });

  test('fails where the generator fails', async () => {
    const generate = async () => ({ exitCode: 1, output: 'no compiler' });
    const problems = await checkGenerated(root, workspace(WITH_SCRIPT), generate);
    expect(problems).toEqual(['packages/one: generate failed\nno compiler']);
  });

  test('fails where there is nothing to check', async () => {
    const problems = await checkGenerated(root, workspace({}), async () => done);
    expect(problems).toHaveLength(2);
    expect(problems[1]).toMatch(/nothing to check/);
  });
});
