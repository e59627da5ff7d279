import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { listWorkspaces } from '../source/workspaces.ts';
import { loadArchitecture, referenceProblems } from './architecture.ts';
import { checkFence } from './check-fence.ts';
import { sourceRuleNames } from './check-source.ts';
import { importRules } from './import-rules.ts';
import { PlantedTree } from './planted-tree.test-support.ts';
import { CLEAN, GROUND, plantsOf } from './plants.test-support.ts';

const architecture = loadArchitecture(join(import.meta.dirname, '..', '..'));
const trees: PlantedTree[] = [];

function plantTree(modulesMin = 10): PlantedTree {
  const tree = new PlantedTree(architecture, modulesMin);
  trees.push(tree);
  for (const { path, source } of CLEAN) tree.write(path, source);
  return tree;
}

afterEach(() => {
  for (const tree of trees.splice(0)) rmSync(tree.root, { recursive: true, force: true });
});

describe('the fence', () => {
  test('lets a clean tree pass', async () => {
    const { findings, modules } = await checkFence(plantTree().root);
    expect(findings).toEqual([]);
    expect(modules).toBeGreaterThan(60);
  });

  test('catches a violation of every rule, and nothing else', async () => {
    const tree = plantTree();
    const plants = plantsOf(architecture);
    for (const { path, source } of [...GROUND, ...plants]) tree.write(path, source);
    const { findings } = await checkFence(tree.root);
    const caught = new Set(findings.map(({ rule, path }) => `${rule} at ${path}`));
    const missed = plants.filter(({ rule, path }) => !caught.has(`${rule} at ${path}`));
    expect(missed).toEqual([]);
    const planted = new Set([...plants, ...GROUND].map(({ path }) => path));
    expect(findings.filter(({ path }) => !planted.has(path))).toEqual([]);
    const rules = importRules(architecture, listWorkspaces(tree.root)).map(({ name }) => name);
    const expected = [...rules, ...sourceRuleNames(architecture)];
    expect([...new Set(plants.map(({ rule }) => rule))].sort()).toEqual(expected.sort());
  });

  test('fails when it saw fewer modules than the floor', async () => {
    await expect(checkFence(plantTree(10_000).root)).rejects.toThrow(/only \d+/);
  });

  test('names a reference in the statement that leads nowhere', () => {
    const wrong = {
      ...architecture,
      packages: { ...architecture.packages, bus: { plane: 'adaptor', mayImport: ['prots'] } },
    };
    expect(referenceProblems(wrong)).toEqual([
      "bus: no plane 'adaptor'",
      "bus: no package or plane 'prots'",
    ]);
  });
});
