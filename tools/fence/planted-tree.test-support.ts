import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Architecture } from './architecture.ts';

const FAKE_PACKAGES = [
  '@noble/hashes',
  'zod',
  'pg',
  '@nats-io/nats-core',
  'left-pad',
  'vitest',
  'fast-check',
];

/** A checkout in a temporary folder that has every workspace of the architecture, and nothing wrong in it. */
export class PlantedTree {
  readonly root = mkdtempSync(join(tmpdir(), 'fence-'));
  readonly #architecture: Architecture;

  constructor(architecture: Architecture, modulesMin: number) {
    this.#architecture = architecture;
    this.write('architecture.json', JSON.stringify({ ...architecture, modulesMin }));
    const workspaces = ['packages/*', 'services/*', 'apps/*', ...architecture.wholeSystem];
    this.write('package.json', JSON.stringify({ name: 'planted', workspaces }));
    for (const name of FAKE_PACKAGES) this.#fakePackage(name);
    for (const name of Object.keys(architecture.packages))
      this.#workspace(`packages/${name}`, name);
    for (const name of architecture.services.names) {
      this.#workspace(`services/${name}`, `service-${name}`);
    }
    for (const name of Object.keys(architecture.apps)) this.#workspace(`apps/${name}`, name);
    for (const name of architecture.wholeSystem) this.#workspace(name, name);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  #fakePackage(name: string): void {
    const manifest = { name, version: '1.0.0', type: 'module', exports: './index.js' };
    this.write(`node_modules/${name}/package.json`, JSON.stringify(manifest));
    this.write(`node_modules/${name}/index.js`, 'export const thing = 1;\n');
  }

  #workspace(path: string, name: string): void {
    const scope = this.#architecture.scope;
    const all = Object.keys(this.#architecture.packages).map((key) => `${scope}/${key}`);
    const dependencies = Object.fromEntries(
      [...all, ...FAKE_PACKAGES].map((key) => [key, '1.0.0']),
    );
    this.write(
      `${path}/package.json`,
      JSON.stringify({
        name: `${scope}/${name}`,
        type: 'module',
        exports: { '.': './src/index.ts' },
        dependencies,
      }),
    );
    this.write(`${path}/src/index.ts`, "export { first } from './first.ts';\n");
    this.write(`${path}/src/first.ts`, 'export const first = 1;\n');
    const link = join(this.root, 'node_modules', scope, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(this.root, path), link);
  }
}
