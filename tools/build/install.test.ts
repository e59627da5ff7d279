import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../docker/systemd');
const script = join(folder, 'install.sh');
const unit = readFileSync(join(folder, 'capstan.service'), 'utf8');
const setting = (key: string): string | undefined =>
  new RegExp(`^${key}=(.*)$`, 'm').exec(unit)?.[1];

test('a dry run of a removal says what it would do, and does nothing', () => {
  const root = mkdtempSync(join(tmpdir(), 'capstan-install-'));
  try {
    const said = execFileSync(script, ['--uninstall', '--purge', '--dry-run', '--root', root]);
    const lines = said.toString().trim().split('\n');
    expect(lines.every((line) => line.startsWith('would run: '))).toBe(true);
    expect(lines.join('\n')).toContain(`${root}/opt/capstan`);
    expect(lines.join('\n')).not.toContain('systemctl');
    expect(readdirSync(root)).toEqual([]);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test.each([
  [['--purge', '--dry-run'], 1, '--purge belongs to --uninstall'],
  [['--instal'], 2, "unknown argument '--instal'"],
  [['--root'], 2, 'usage:'],
])('refuses %j with exit code %i', (args, code, words) => {
  const { status, stderr } = spawnSync(script, args);
  expect(status).toBe(code);
  expect(stderr.toString()).toContain(words);
});

test('the unit runs what is installed, as its own user, and may write to nothing else', () => {
  const installed = readFileSync(script, 'utf8');
  expect(installed).toContain('program=$root/opt/capstan');
  expect(setting('ExecStart')).toMatch(
    /^\/opt\/capstan\/bin\/capstan up --config \/etc\/capstan\//,
  );
  expect(setting('User')).toBe('capstan');
  expect(readFileSync(join(folder, 'capstan.sysusers'), 'utf8')).toMatch(/^u +capstan /m);
  expect(setting('ProtectSystem')).toBe('strict');
  expect(unit).not.toContain('ReadWritePaths');
});
