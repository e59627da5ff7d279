import { chmodSync, copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../ci/run-command.ts';
import { BuildError } from './build-tree.ts';

/** The user that images run as, and its group. */
export const IMAGE_USER = 10_001;

const FILES: Readonly<Record<string, string>> = {
  'etc/passwd': `root:x:0:0::/:/nonexistent\ncapstan:x:${IMAGE_USER}:${IMAGE_USER}::/var/lib/capstan:/nonexistent\n`,
  'etc/group': `root:x:0:\ncapstan:x:${IMAGE_USER}:\n`,
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/**
 * Makes a root file system in which the Node that runs this can run, and nothing else: Node itself, and the shared libraries that it and the
 * native modules below `tree` load.
 * @throws BuildError where a library is missing, or the base has no `ldd` to ask.
 */
export async function writeRuntimeRoot(root: string, tree: string): Promise<void> {
  const node = join(root, 'usr/local/bin/node');
  mkdirSync(dirname(node), { recursive: true });
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  const native = readdirSync(tree, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.node$|\.so(\.\d+)*$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  const libraries = new Set<string>();
  for (const file of [process.execPath, ...native]) {
    for (const one of await librariesOf(file)) if (!one.startsWith(`${tree}/`)) libraries.add(one);
  }
  for (const library of libraries) {
    mkdirSync(dirname(join(root, library)), { recursive: true });
    copyFileSync(library, join(root, library));
    chmodSync(join(root, library), 0o755);
  }
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  mkdirSync(join(root, 'tmp'), { recursive: true });
  chmodSync(join(root, 'tmp'), 0o1777);
}

async function librariesOf(file: string): Promise<readonly string[]> {
  const { exitCode, output } = await runCommand('ldd', [file], { cwd: '/' });
  // Packages bring binaries of other systems along.
  if (output.includes('not a dynamic executable')) return [];
  if (exitCode !== 0) throw new BuildError(`ldd ${file}: ${output.trim()}`);
  return parseLibraries(output, file);
}

/** Reads what `ldd` prints. @throws BuildError naming a library that is not there. */
export function parseLibraries(output: string, file: string): readonly string[] {
  return output.split('\n').flatMap((line) => {
    if (line.includes('=> not found')) throw new BuildError(`${file} needs ${line.trim()}`);
    const path = /(?:=> |^\s*)(\/\S+) \(0x/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });
}
