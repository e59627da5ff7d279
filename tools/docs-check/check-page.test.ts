import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { anchorsOf, checkPage } from './check-page.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'docs-check-'));
  mkdirSync(join(root, 'docs'));
  writeFileSync(join(root, 'docs/other.md'), '# Life of a bar\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function problemsOf(text: string): readonly string[] {
  writeFileSync(join(root, 'docs/page.md'), text);
  return checkPage(root, 'docs/page.md').problems;
}

test('passes links, anchors and paths that lead somewhere', () => {
  const text =
    'See [it](other.md#life-of-a-bar), [the page](page.md), `docs/other.md` and `other.md`.\n';
  expect(problemsOf(text)).toEqual([]);
});

test('names what leads nowhere, with its line', () => {
  expect(problemsOf('\n[x](gone.md)')).toEqual(["docs/page.md:2: link 'gone.md' leads nowhere"]);
  expect(problemsOf('[x](other.md#none)')).toHaveLength(1);
  expect(problemsOf('[x](../../out.md)')).toHaveLength(1);
  expect(problemsOf('`services/risk/src/gone.ts`')).toHaveLength(1);
  expect(problemsOf('`.github/workflows/gone.yml:3`')).toHaveLength(1);
});

test('leaves alone what is no path of the checkout', () => {
  const text = [
    '[x](https://example.com/a.md), `@capstan/domain`, `a/b`, `x.y`, `market.bar.*`,',
    '`packages/*/src/index.ts`, `.capstan/state.json`, `docs/adr/NNNN-<title>.md`',
    '```',
    '`docs/in-a-block.md`',
    '```',
  ];
  expect(problemsOf(text.join('\n'))).toEqual([]);
});

test('makes anchors as forges do', () => {
  expect(anchorsOf("# Life of a bar\n## What's `new`?\n")).toEqual(
    new Set(['life-of-a-bar', 'whats-new']),
  );
});
