import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runCommand } from '../ci/run-command.ts';
import { listFiles } from '../source/list-files.ts';
import { readManifest } from '../source/workspaces.ts';
import { BuildError } from './build-tree.ts';
import { ENTRY } from './service-tree.ts';

/** What a service says of a configuration that is not there, once all its modules are loaded. */
const NO_CONFIGURATION = 'CONFIG.FILE';

/**
 * Loads what a tree holds, as the image will: the entry point, and every module of an npm package that the code of the tree imports
 * anywhere, so that none that is imported late is missed late.
 * @throws BuildError with what Node says.
 */
export async function checkServiceTree(tree: string): Promise<void> {
  const scripts = loadingScripts(tree);
  if (scripts.length === 0) throw new BuildError(`${tree} imports no package: nothing to check`);
  for (const { file, text } of scripts) writeFileSync(file, text);
  const imports = scripts.map(({ file }) => `await import(${JSON.stringify(file)});`);
  const code = `${imports.join('')}process.exit(0);`;
  const loaded = await node(['--input-type=module', '--eval', code], tree);
  for (const { file } of scripts) rmSync(file);
  if (loaded.exitCode !== 0) throw new BuildError(`packages cannot be loaded: ${loaded.output}`);
  const main = join(tree, ENTRY, 'src/main.js');
  const isCommand = readManifest(join(tree, ENTRY)).name === '@capstan/cli';
  const asked = isCommand ? ['config', 'check', '--config', '/none'] : ['--config', '/none'];
  const { exitCode, output } = await node([main, ...asked], tree);
  if (exitCode !== 2 || !output.includes(NO_CONFIGURATION)) {
    throw new BuildError(`the entry point does not start: exit code ${exitCode}, ${output}`);
  }
}

/** Returns a module a workspace, which imports what the workspace's code does of npm packages, first or late. */
function loadingScripts(tree: string): readonly { readonly file: string; readonly text: string }[] {
  const names = new Map<string, Set<string>>();
  for (const file of listFiles(tree, ['packages', 'services', 'apps'])) {
    if (!file.endsWith('.js') || basename(file).startsWith('test-')) continue;
    const workspace = file.split('/', 2).join('/');
    const own = names.get(workspace) ?? new Set();
    names.set(workspace, own);
    for (const one of importsOf(readFileSync(join(tree, file), 'utf8'))) own.add(one);
  }
  return [...names].map(([workspace, imported]) => ({
    file: join(tree, workspace, 'load-all.mjs'),
    text: [...imported]
      .sort()
      .map((name) => `await import('${name}');\n`)
      .join(''),
  }));
}

/** Finds the specifiers of a module's imports that are neither files, nor Node's, nor workspaces. */
export function importsOf(code: string): readonly string[] {
  const found = code.matchAll(
    /\bfrom ['"]([^'"\n]+)['"];?$|^import ['"]([^'"\n]+)['"];?$|\bimport\(['"]([^'"\n]+)['"]\)/gm,
  );
  return [...found]
    .map((match) => match[1] ?? match[2] ?? match[3] ?? '')
    .filter((name) => /^[@a-z]/.test(name) && !/^(node:|@capstan\/)/.test(name));
}

function node(args: readonly string[], cwd: string): Promise<{ exitCode: number; output: string }> {
  return runCommand(process.execPath, ['--no-strip-types', ...args], {
    cwd,
    environment: { NODE_DISABLE_COMPILE_CACHE: '1' },
  });
}
