import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { ask, closeAll, open } from './app.test-support.ts';
import { findDashboard } from './dashboard-files.ts';

afterEach(closeAll);

describe('the page', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  function built(): string {
    const folder = mkdtempSync(join(tmpdir(), 'capstan-page-'));
    folders.push(folder);
    mkdirSync(join(folder, 'assets'));
    writeFileSync(join(folder, 'index.html'), '<title>Capstan</title>');
    writeFileSync(join(folder, 'assets', 'index-abc.js'), 'export const one = 1;');
    writeFileSync(join(folder, 'assets', 'secret.pem'), 'key');
    return folder;
  }

  test('is served with its files, reaches no other host, and is not cached where it changes', async () => {
    const one = await open({ dashboard: built() });
    const page = await ask(one, '/');
    expect(page).toMatchObject({ status: 200, body: '<title>Capstan</title>' });
    expect(page.headers['cache-control']).toBe('no-cache');
    expect(page.headers['content-security-policy']).toContain(
      "default-src 'none'; script-src 'self'",
    );
    expect(page.headers['x-frame-options']).toBe('DENY');
    const script = await ask(one, '/assets/index-abc.js');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    const etag = String(page.headers.etag);
    expect((await ask(one, '/', { headers: { 'if-none-match': etag } })).status).toBe(304);
    const small = await ask(one, '/', { headers: { 'accept-encoding': 'gzip' } });
    expect(small.headers['content-encoding']).toBe('gzip');
    expect((await ask(one, '/assets/secret.pem')).status).toBe(404);
  });

  test('needs no token, so that it can ask for one', async () => {
    const one = await open({ dashboard: built(), localOperator: false });
    expect((await ask(one, '/?token=act-token', { remoteAddress: '10.1.2.3' })).status).toBe(200);
  });

  test('that is not built says how to build it', async () => {
    const { status, body } = await ask(await open(), '/');
    expect(status).toBe(503);
    expect(body).toContain('npm run build -w @capstan/dashboard');
  });

  test('is found beside the configuration where it is named, else beside the code', () => {
    expect(findDashboard('page', '/etc/capstan/capstan.yaml')).toBe('/etc/capstan/page');
    expect(findDashboard(undefined, undefined)).toMatch(/apps\/dashboard\/dist$/);
  });
});
