import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '@capstan/embedded';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCli } from '../program.ts';
import { findPorts } from '../supervisor/port-taken.ts';
import { isSameProcess, processIdentity } from '../supervisor/process-identity.ts';
import {
  claimDataDir,
  type RunRecord,
  readRunRecord,
  runFilePath,
} from '../supervisor/run-file.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { type SupervisorHttp, startSupervisorHttp } from '../supervisor/supervisor-http.ts';

const SERVICE = `
import { createServer } from 'node:http';
createServer((request, response) => response.end('{}')).listen(Number(process.argv[2]), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
process.stdin.on('end', () => process.exit(0)).resume();
`;

let dataDir: string;
let supervisor: Supervisor | undefined;
let http: SupervisorHttp | undefined;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'capstan-stack-'));
});
afterEach(async () => {
  await supervisor?.stop();
  await http?.close();
  [supervisor, http] = [undefined, undefined];
  rmSync(dataDir, { recursive: true, force: true });
});

async function capstan(...args: readonly string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const write = (text: string): void => {
    said += `${text}\n`;
  };
  const all = [...args, '--data-dir', dataDir];
  return { code: await runCli(all, { out: write, err: write, isTerminal: false }), said };
}

function recordOf(
  pid: number,
  startTime: string,
  processes: RunRecord['processes'] = [],
): RunRecord {
  return {
    version: 1,
    pid,
    startTime,
    startedAtMs: 0,
    environment: 'test',
    runId: 'test',
    supervisorUrl: '',
    shutdownToken: 'token',
    dashboardUrl: 'http://127.0.0.1:1',
    processes,
  };
}

async function startStack(): Promise<void> {
  const record = recordOf(process.pid, processIdentity(process.pid)?.startTime ?? '');
  claimDataDir(dataDir, record);
  const made = new Supervisor({
    dataDir,
    environment: 'test',
    record,
    restart: true,
    jsonLogs: true,
    console: { say: () => undefined, show: () => undefined },
    askBots: async () => [],
  });
  supervisor = made;
  const script = join(dataDir, 'service.mjs');
  writeFileSync(script, SERVICE);
  const ports = await findPorts(dataDir, 2);
  http = await startSupervisorHttp({
    port: 0,
    shutdownToken: 'token',
    windDownMs: 0,
    status: () => made.status,
    shutdown: () => void made.stop(),
  });
  made.describe({ supervisorUrl: http.url });
  await made.startServices(
    ['gateway', 'risk'].map((name, index) => ({
      name,
      command: process.execPath,
      args: [script, String(ports[index])],
      cwd: dataDir,
      environment: {},
      url: `http://127.0.0.1:${ports[index]}`,
      stopWave: index,
      isFirst: index === 0,
    })),
  );
}

test('status is 0 only once everything is healthy, and 1 again when a service is gone', async () => {
  await startStack();
  expect(await waitUntil(async () => (await capstan('status')).code === 0, 10_000)).toBe(true);
  const { said } = await capstan('status');
  expect(said).toMatch(/gateway +ready/);
  expect(said).toContain(dataDir);
  const listed = JSON.parse((await capstan('status', '--json')).said) as { healthy: boolean };
  expect(listed.healthy).toBe(true);
  await supervisor?.kill();
  const after = await capstan('status');
  expect(after.code).toBe(1);
  expect(after.said).toMatch(/! risk is stopp/);
});

test('status and down of a stack whose supervisor died: says so, ends what is left, tidies up', async () => {
  const orphan = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1e9)']);
  await once(orphan.stdout, 'data');
  const identity = processIdentity(orphan.pid ?? 0);
  if (identity === undefined) throw new Error('the orphan has ended');
  claimDataDir(dataDir, recordOf(process.pid, 'long ago', [{ name: 'risk', ...identity }]));
  const status = await capstan('status');
  expect(status.code).toBe(1);
  expect(status.said).toContain('is gone');
  const down = await capstan('down');
  expect(down).toMatchObject({ code: 0, said: expect.stringContaining('risk') });
  expect(isSameProcess(identity)).toBe(false);
  expect(existsSync(runFilePath(dataDir))).toBe(false);
  expect(readRunRecord(dataDir)).toBeUndefined();
});
