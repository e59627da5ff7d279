import { execFile } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DASHBOARD_BUILD_MS } from '../limits.ts';
import { DASHBOARD_DIR, projectProgram } from '../project.ts';

const run = promisify(execFile);
const SOURCES = ['index.html', 'vite.config.ts', 'package.json', 'src', 'public'];

/** What came of building the dashboard. `absent`: there are no sources, as in a built tree. */
export type DashboardBuild =
  | { readonly kind: 'current' | 'built' | 'absent' }
  | { readonly kind: 'failed'; readonly why: string };

/** Builds the dashboard's pages unless they are newer than their sources. Never rejects. */
export async function buildDashboard(folder = DASHBOARD_DIR): Promise<DashboardBuild> {
  if (!existsSync(join(folder, 'index.html'))) return { kind: 'absent' };
  if (!isStale(folder)) return { kind: 'current' };
  const vite = projectProgram('vite');
  if (vite === undefined) return { kind: 'failed', why: 'vite is not installed' };
  try {
    const args = [vite, 'build', '--logLevel', 'error'];
    await run(process.execPath, args, { cwd: folder, timeout: DASHBOARD_BUILD_MS });
    return { kind: 'built' };
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    return { kind: 'failed', why: said.split('\n')[0] || String(error) };
  }
}

/** Tells whether the built pages are missing or older than a source. */
export function isStale(folder: string): boolean {
  const built = join(folder, 'dist/index.html');
  if (!existsSync(built)) return true;
  const builtMs = statSync(built).mtimeMs;
  return SOURCES.map((name) => join(folder, name)).some((path) => newestMs(path) > builtMs);
}

function newestMs(path: string): number {
  if (!existsSync(path)) return 0;
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestMs(join(path, name))));
}
