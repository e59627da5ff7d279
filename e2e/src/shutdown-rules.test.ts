import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startPostgres, UNSAFE_FAST_FLAGS, waitUntil } from '@capstan/embedded';
import { createLogger } from '@capstan/runtime';
import { openStore } from '@capstan/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';

const ROOT = join(import.meta.dirname, '..', '..');
const CLI = join(ROOT, 'apps', 'cli', 'src', 'main.ts');
const WAIT_MS = 60_000;
const ACCOUNT = 'paper';

/** One bot that closes what it holds at a stop, one that keeps it, on one account. */
const CONFIG = {
  run: { id: 'rules' },
  feeds: [
    {
      kind: 'generator',
      feed: 'demo',
      seed: 47,
      startDate: '2026-03-02',
      historySessions: 1,
      speed: 600,
      symbols: [{ symbol: 'SPY', startPrice: '412.5' }],
    },
  ],
  accounts: [{ accountId: ACCOUNT, cash: 1_000_000 }],
  bots: (['flatten', 'leave'] as const).map((onShutdown) => ({
    botId: onShutdown,
    accountId: ACCOUNT,
    strategy: 'ma-cross',
    params: { fast: 20, slow: 60 },
    symbols: ['SPY'],
    feed: 'demo',
    sizing: { kind: 'fixedQuantity', quantity: 40 },
    onShutdown,
  })),
  gateway: { auth: { localOperator: true } },
};

type Row = Readonly<Record<string, unknown>>;

/** `capstan up` as a person runs it. */
interface Up {
  readonly child: ChildProcess;
  said(): string;
  readonly ended: Promise<number | null>;
}

async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return status !== '' && !status.includes(') Z ');
}

describe('an operator stops the whole platform', () => {
  let folder = '';
  let port = 0;
  let config = '';
  const started: Up[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'capstan-rules-'));
    port = await freePort();
    config = join(folder, 'rules.yaml');
    await writeFile(config, stringify(CONFIG));
  });
  afterAll(async () => {
    for (const { child, ended } of started) {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }, WAIT_MS);

  function up(): Up {
    const args = [CLI, 'up', '--config', config, '--data-dir', join(folder, 'data')];
    const child = spawn(process.execPath, [...args, '--http-port', String(port)], { cwd: ROOT });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (data: Buffer) => {
        said += data.toString();
      });
    }
    const ended = once(child, 'exit').then(([code]) => code as number | null);
    const one = { child, said: () => said, ended };
    started.push(one);
    return one;
  }

  async function ask(path: string, list: string): Promise<readonly Row[]> {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/api/${path}`);
      return ((await answer.json()) as Record<string, Row[]>)[list] ?? [];
    } catch {
      return [];
    }
  }

  const heldBy = (rows: readonly Row[], botId: string): unknown =>
    rows.find((row) => row.botId === botId)?.quantity ?? 0;

  async function bothHold(stack: Up): Promise<void> {
    const hold = async () => {
      const rows = await ask('positions', 'positions');
      return heldBy(rows, 'flatten') !== 0 && heldBy(rows, 'leave') !== 0;
    };
    if (!(await waitUntil(hold, WAIT_MS))) throw new Error(`nothing is held:\n${stack.said()}`);
  }

  /** The processes of the stack, its own included. */
  async function processes(): Promise<readonly number[]> {
    const record = JSON.parse(await readFile(join(folder, 'data', 'run.json'), 'utf8')) as {
      readonly processes: readonly { readonly pid: number }[];
    };
    return record.processes.map(({ pid }) => pid);
  }

  /** Reads the ledger that the stopped stack left. */
  async function ledger(): Promise<readonly Row[]> {
    const dataDir = join(folder, 'data', 'postgres');
    const postgres = await startPostgres({ dataDir, flags: UNSAFE_FAST_FLAGS });
    const log = createLogger({ service: 'e2e', level: 'error', format: 'text' });
    const opened = openStore({ url: postgres.url('capstan'), log });
    try {
      return (await opened.store.ledger(ACCOUNT)).positions.map((row) => ({ ...row }));
    } finally {
      await opened.close();
      await postgres.stop();
    }
  }

  it(
    'by Ctrl-C: a bot is flat afterwards where its rule is to flatten, keeps what it holds where it is to leave',
    async () => {
      const stack = up();
      await bothHold(stack);
      const pids = await processes();
      expect(pids.length).toBeGreaterThan(9);
      stack.child.kill('SIGINT');
      expect(await stack.ended, stack.said()).toBe(0);
      expect(stack.said()).toMatch(/bot flatten: flattening SPY [+-]40: closes what is open at/);
      expect(stack.said()).toMatch(/bot flatten: flat after \d/);
      expect(stack.said()).toMatch(/bot leave: keeps SPY [+-]40 \(onShutdown: leave\)/);
      const rows = await ledger();
      expect(heldBy(rows, 'flatten')).toBe(0);
      expect(Math.abs(Number(heldBy(rows, 'leave')))).toBe(40);
      for (const pid of pids) expect(await isAlive(pid)).toBe(false);
    },
    WAIT_MS * 2,
  );

  it(
    'by SIGTERM, after both bots began again: nothing is closed',
    async () => {
      const stack = up();
      await bothHold(stack);
      const bots = await ask('bots', 'bots');
      expect(bots.map(({ botId, state }) => [botId, state])).toEqual([
        ['flatten', 'running'],
        ['leave', 'running'],
      ]);
      stack.child.kill('SIGTERM');
      expect(await stack.ended, stack.said()).toBe(0);
      expect(stack.said()).not.toContain('flattening');
    },
    WAIT_MS * 2,
  );
});
