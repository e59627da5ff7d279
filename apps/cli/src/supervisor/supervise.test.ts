import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@capstan/embedded';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askStack, type StackAnswer } from '../commands/ask-stack.ts';
import { isSameProcess, sendSignal } from './process-identity.ts';
import { type RunRecord, readRunRecord, runFilePath } from './run-file.ts';

/** A service as the runtime makes them: probes, SIGTERM ends it, and so does the end of its supervisor. */
const GOOD = `
import { createServer } from 'node:http';
const server = createServer((request, response) => response.end('{"ok":true}'));
server.listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
console.log(JSON.stringify({ level: 'warn', time: '2026-01-05T14:30:00.000Z', msg: 'hello' }));
`;
/** One that hears nothing: neither SIGTERM nor the end of its supervisor. */
const DEAF = GOOD.replace('process.exit(0));\nprocess.stdin', '{});\nprocess.stdin')
  .replace("process.stdin.on('end', () => process.exit(0)).resume();", '')
  .replace('console.log', 'process.stdout.on("error", () => {});\nconsole.log');
const MISCONFIGURED = `console.error('CONFIG.INVALID: no such key'); process.exit(2);`;

const FIXTURE = join(import.meta.dirname, 'stack.fixture.ts');
const DEADLINE_MS = 15_000;

let folder: string;
let dataDir: string;
let started: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'capstan-supervise-'));
  dataDir = join(folder, 'data');
  started = [];
  for (const [name, text] of Object.entries({ good: GOOD, deaf: DEAF, wrong: MISCONFIGURED })) {
    writeFileSync(join(folder, `${name}.mjs`), text);
  }
});

afterEach(() => {
  for (const { pid } of readRunRecord(dataDir)?.processes ?? []) sendSignal(pid, 'SIGKILL');
  for (const child of started) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  said(): string;
  readonly ended: Promise<number | null>;
}

function start(services: Readonly<Record<string, 'good' | 'deaf' | 'wrong'>>): Running {
  const list = Object.entries(services).map(([name, script]) => ({
    name,
    script: join(folder, `${script}.mjs`),
  }));
  const child = spawn(process.execPath, [FIXTURE, dataDir, JSON.stringify(list)]);
  started.push(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  return { child, said: () => said, ended: once(child, 'exit').then(([code]) => code) };
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await waitUntil(condition, DEADLINE_MS, 20))) throw new Error(`in vain: ${what}`);
}

function record(): RunRecord {
  const found = readRunRecord(dataDir);
  if (found === undefined) throw new Error('there is no run record');
  return found;
}

async function healthy(): Promise<StackAnswer> {
  let answer: StackAnswer | undefined;
  await until('the stack becomes healthy', async () => {
    const url = readRunRecord(dataDir)?.supervisorUrl ?? '';
    answer = await askStack(url);
    return answer?.healthy === true;
  });
  if (answer === undefined) throw new Error('no answer');
  return answer;
}

/** The first Ctrl-C runs the rules, which last here until the second: that drains. */
async function endByCtrlC(stack: Running): Promise<void> {
  stack.child.kill('SIGINT');
  await until('the rules run', () => stack.said().includes('rules\n'));
  expect(stack.said()).not.toContain('the services drain');
  const repeat = setInterval(() => {
    if (!stack.said().includes('the services drain')) stack.child.kill('SIGINT');
  }, 50);
  expect(await stack.ended).toBe(0);
  clearInterval(repeat);
  expect(stack.said()).toContain('the services drain');
}

const areGone = (run: RunRecord): boolean => !run.processes.some(isSameProcess);

test('restarts what crashes, says so, and stops at Ctrl-C with nothing left behind', async () => {
  const stack = start({ one: 'good', two: 'good' });
  const before = await healthy();
  expect(before.processes.map(({ name, restarts }) => [name, restarts])).toEqual([
    ['one', 0],
    ['two', 0],
  ]);
  const victim = before.processes[0]?.pid ?? 0;
  sendSignal(victim, 'SIGKILL');
  await until('the victim is replaced', async () => {
    const [one] = (await askStack(record().supervisorUrl))?.processes ?? [];
    return one?.restarts === 1 && one.state === 'ready' && one.pid !== victim;
  });
  expect(stack.said()).toMatch(/one: ended \(SIGKILL\).* Starting it again in 250 ms/);
  expect(stack.said()).toMatch(/WARN one: hello/);
  expect(readFileSync(join(dataDir, 'logs/one.log'), 'utf8')).toContain('hello');
  const run = record();
  expect(run.processes).toHaveLength(2);
  await endByCtrlC(stack);
  expect(areGone(run)).toBe(true);
  expect(existsSync(runFilePath(dataDir))).toBe(false);
});

test('refuses a second start on the same directory, naming the first', async () => {
  const first = start({ one: 'good' });
  await healthy();
  const second = start({ one: 'good' });
  expect(await second.ended).toBe(1);
  expect(second.said()).toContain(`as process ${first.child.pid}`);
  expect(second.said()).toContain('capstan down');
  expect((await healthy()).processes[0]?.restarts).toBe(0);
  first.child.kill('SIGTERM');
  expect(await first.ended).toBe(0);
});

test('shuts down over HTTP for whoever has the token, and nobody else', async () => {
  const stack = start({ one: 'good' });
  await healthy();
  const { supervisorUrl, shutdownToken } = record();
  const ask = async (path: string, method = 'POST'): Promise<number> =>
    (await fetch(`${supervisorUrl}${path}`, { method })).status;
  expect(await ask('/shutdown')).toBe(403);
  expect(await ask(`/shutdown?token=${shutdownToken.slice(0, -1)}`)).toBe(403);
  expect(await ask(`/shutdown?token=${shutdownToken}`, 'GET')).toBe(405);
  expect(await ask('/nothing', 'GET')).toBe(404);
  expect((await askStack(supervisorUrl))?.healthy).toBe(true);
  expect(await ask(`/shutdown?token=${shutdownToken}`)).toBe(202);
  await endByCtrlC(stack);
});

test('its death by kill -9 ends the services; those that stay are ended by the next start', async () => {
  const first = start({ one: 'good', deaf: 'deaf' });
  await healthy();
  const run = record();
  const identity = (name: string) => run.processes.find((one) => one.name === name);
  first.child.kill('SIGKILL');
  await first.ended;
  const one = identity('one');
  await until('the service ends by itself', () => one === undefined || !isSameProcess(one));
  const deaf = identity('deaf');
  expect(deaf !== undefined && isSameProcess(deaf)).toBe(true);
  const second = start({ one: 'good' });
  await healthy();
  expect(areGone(run)).toBe(true);
  expect(second.said()).toMatch(/ended what the last start left behind: deaf/);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
}, 40_000);

test('SIGTERM runs no rules: it drains, also where two signals come at once', async () => {
  const stack = start({ one: 'good' });
  await healthy();
  stack.child.kill('SIGTERM');
  stack.child.kill('SIGHUP');
  expect(await stack.ended).toBe(0);
  expect(stack.said()).not.toContain('rules\n');
});

test('a Ctrl-C beyond the one that drains kills what does not', async () => {
  const stack = start({ deaf: 'deaf' });
  await healthy();
  const run = record();
  stack.child.kill('SIGINT');
  await until('it says that it stops', () => stack.said().includes('stopping (Ctrl-C)'));
  const repeat = setInterval(() => {
    if (!stack.said().includes('killing')) stack.child.kill('SIGINT');
  }, 50);
  expect(await stack.ended).toBe(130);
  clearInterval(repeat);
  expect(areGone(run)).toBe(true);
});

test('health is 503 and names a service whose configuration is wrong, which is not started again', async () => {
  const stack = start({ one: 'good', two: 'wrong' });
  await until('the service has failed', () => stack.said().includes('must be corrected'));
  expect(stack.said()).toContain('CONFIG.INVALID: no such key');
  const response = await fetch(`${record().supervisorUrl}/health`);
  expect(response.status).toBe(503);
  expect(((await response.json()) as StackAnswer).problems).toContain(
    'two is failed: ended (exit code 2)',
  );
  stack.child.kill('SIGTERM');
  expect(await stack.ended).toBe(0);
});
