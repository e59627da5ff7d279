import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';

/** The checkout, or the built tree: both are laid out alike. */
export const PROJECT_ROOT = resolve(import.meta.dirname, '../../..');

/** `.ts` in a checkout, `.js` in a built tree. */
export const MODULE_EXTENSION = extname(import.meta.filename);

/** The main module of the emulator that a stack brings along. */
export const EMULATOR_MODULE = join(PROJECT_ROOT, `apps/cli/src/emulator/main${MODULE_EXTENSION}`);

/** The migrations of this version. */
export const MIGRATIONS_DIR = join(PROJECT_ROOT, 'prisma/migrations');

/** The module that is loaded before a service's main module. */
export const RUNTIME_HOOK = join(PROJECT_ROOT, `packages/runtime/src/hook${MODULE_EXTENSION}`);

/** Where compiled code is kept between starts; where it cannot be written, starts are only slower. */
export const CODE_CACHE_DIR = join(PROJECT_ROOT, 'node_modules/.cache/capstan');

/** Returns the configuration file of a named environment. */
export function environmentFile(name: string): string {
  return join(PROJECT_ROOT, 'config', `${name}.yaml`);
}

/** Where the dashboard's sources and its built pages are. */
export const DASHBOARD_DIR = join(PROJECT_ROOT, 'apps/dashboard');

/** Returns the program of a dev dependency, or undefined where it is not installed. */
export function projectProgram(name: string): string | undefined {
  const path = join(PROJECT_ROOT, 'node_modules/.bin', name);
  return existsSync(path) ? path : undefined;
}
