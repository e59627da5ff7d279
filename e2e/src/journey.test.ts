import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, waitUntil } from '@capstan/embedded';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const CLI = join(ROOT, 'apps', 'cli', 'src', 'main.ts');
const WAIT_MS = 60_000;
const run = promisify(execFile);

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (path) => existsSync(path),
);
const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

if (CHROMIUM === undefined) {
  console.warn('The page is not tested in a browser: apt-get install chromium');
}

/** Runs a command of `capstan` against the stack in `folder`. */
async function capstan(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [CLI, ...args, '--data-dir', folder], {
    cwd: ROOT,
  });
  return stdout;
}

async function alive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return !status.includes(') Z ');
  } catch {
    return false;
  }
}

describe('a newcomer starts the platform with one command', () => {
  let folder = '';
  let port = 0;
  let said = '';
  const up = { pid: 0 };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'capstan-journey-'));
    port = await freePort();
    const args = [CLI, 'up', '--data-dir', folder, '--http-port', String(port), '--speed', '60'];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    up.pid = child.pid ?? 0;
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
    });
    child.stderr.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const fills = async () => {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/api/fills?limit=5`);
        return ((await answer.json()) as { fills: unknown[] }).fills.length > 0;
      } catch {
        return false;
      }
    };
    if (!(await waitUntil(fills, WAIT_MS * 2))) throw new Error(`no fill came:\n${said}`);
  }, WAIT_MS * 3);

  afterAll(async () => {
    if (await alive(up.pid)) process.kill(up.pid, 'SIGTERM');
    await waitUntil(async () => !(await alive(up.pid)), WAIT_MS);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }, WAIT_MS);

  it(
    'is told where the page is, and that all is well',
    async () => {
      expect(said).toContain(`http://127.0.0.1:${port}`);
      expect(
        await waitUntil(
          async () => /healthy/.test(await capstan(folder, 'status').catch(() => '')),
          WAIT_MS,
        ),
      ).toBe(true);
    },
    WAIT_MS * 2,
  );

  it(
    'lists bots, fills, positions and reasons',
    async () => {
      const bots = JSON.parse(await capstan(folder, 'bots', '--json')) as {
        bots: { botId: string }[];
      };
      expect(bots.bots.length).toBeGreaterThan(0);
      const fills = JSON.parse(await capstan(folder, 'fills', '--json')) as { fills: unknown[] };
      expect(fills.fills.length).toBeGreaterThan(0);
      expect(await capstan(folder, 'why', bots.bots[0]?.botId ?? '')).toMatch(
        /signal|fill|order|denied/,
      );
    },
    WAIT_MS,
  );

  it(
    'is refused a second start on the same data, and told which process has it',
    async () => {
      const second = capstan(folder, 'up').catch(
        (error: { stderr: string; code: number }) => error,
      );
      expect(await second).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(String(up.pid)),
      });
    },
    WAIT_MS,
  );

  describe.skipIf(CHROMIUM === undefined)('and looks at the page', () => {
    let browser: Browser;
    let page: Page;
    const problems: string[] = [];

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: CHROMIUM_FLAGS });
      page = await browser.newPage({ viewport: { width: 1_440, height: 1_000 } });
      page.on('pageerror', (error) => problems.push(String(error)));
      await page.goto(`http://127.0.0.1:${port}/`);
    }, WAIT_MS);
    afterAll(async () => {
      await browser?.close();
    });

    it(
      'sees fills, positions, bots and services, live',
      async () => {
        for (const title of ['Positions', 'Open orders', 'Fills', 'Bots', 'Services']) {
          await page.getByRole('region', { name: title, exact: false }).first().waitFor();
        }
        await page.locator('section[aria-label="Fills"] tbody tr').first().waitFor();
        await page.getByText('Live').first().waitFor();
      },
      WAIT_MS,
    );

    it(
      'pauses a bot and lets it run again',
      async () => {
        await page.getByRole('button', { name: 'Pause trend' }).click();
        await page.getByRole('button', { name: 'Resume trend' }).click();
        await page.getByRole('button', { name: 'Pause trend' }).waitFor();
      },
      WAIT_MS,
    );

    it(
      'pulls the kill switch and lets go of it',
      async () => {
        await page.getByRole('button', { name: 'Kill switch' }).click();
        await page.getByLabel('Reason, for the audit').fill('a drill');
        await page.getByRole('button', { name: 'Stop new exposure' }).click();
        await page.getByRole('button', { name: 'Killed (soft)' }).click();
        await page.getByRole('button', { name: 'Let it trade again' }).click();
        await page.getByRole('button', { name: 'Kill switch' }).waitFor();
        expect(problems).toEqual([]);
      },
      WAIT_MS,
    );
  });

  it(
    'stops it all, and no process is left',
    async () => {
      const state = JSON.parse(await readFile(join(folder, 'run.json'), 'utf8')) as unknown;
      const pids = [...JSON.stringify(state).matchAll(/"pid":(\d+)/g)].map((match) =>
        Number(match[1]),
      );
      expect(pids.length).toBeGreaterThan(8);
      await capstan(folder, 'down');
      for (const pid of pids)
        expect(await waitUntil(async () => !(await alive(pid)), WAIT_MS)).toBe(true);
    },
    WAIT_MS * 2,
  );
});
