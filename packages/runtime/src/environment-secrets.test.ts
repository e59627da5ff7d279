import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { environmentSecrets } from './environment-secrets.ts';
import { lineRedactor } from './redact.ts';

const folder = mkdtempSync(join(tmpdir(), 'environment-secrets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('hides what vendors’ variables and the files they name hold, wherever it stands in a line', () => {
  const mounted = join(folder, 'key');
  writeFileSync(mounted, 'canary-mounted\n');
  const secrets = environmentSecrets({
    ALPACA_SECRET_KEY: 'canary-variable',
    FUND_SECRET_KEY_FILE: mounted,
    POLYGON_API_KEY: 'canary-api-key',
    GONE_SECRET_KEY_FILE: join(folder, 'gone'),
    SHORT_TOKEN: 'ab',
    HOME: '/home/me',
  });
  expect(secrets).toEqual(['canary-variable', 'canary-mounted', 'canary-api-key']);
  const line = lineRedactor(secrets)('{"url":"/?key=canary-api-key","x":"canary-mounted"}');
  expect(line).not.toContain('canary');
});
