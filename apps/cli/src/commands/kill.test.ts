import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executionService, grpcService } from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import { createHealth, startGrpc } from '@capstan/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../program.ts';
import { processIdentity } from '../supervisor/process-identity.ts';
import { claimDataDir, type RunRecord } from '../supervisor/run-file.ts';

const { ExecutionServiceDefinition, ExecutionServiceService, KillMode } = executionService;

let dataDir: string;
let asked: executionService.KillRequest[];
let refusal: AppError | undefined;
let paths: string[];
const closers: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'capstan-kill-'));
  writeFileSync(join(dataDir, 'operator-token'), 'secret');
  [asked, paths, refusal] = [[], [], undefined];
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Serves execution's gRPC. @returns its address. */
async function execution(): Promise<string> {
  const kill = async (request: executionService.KillRequest) => {
    asked.push(request);
    if (refusal !== undefined) throw refusal;
    const { mode, reason, foreign } = request;
    const one = { accountId: 'paper', mode, actor: 'me', reason, sinceUs: 7n, foreign };
    return { switches: [{ ...one, unsaved: true, progress: '' }] };
  };
  const implementation = { kill } as unknown as Parameters<
    typeof grpcService<typeof ExecutionServiceDefinition>
  >[2];
  const service = grpcService(ExecutionServiceDefinition, ExecutionServiceService, implementation);
  const healthState = createHealth();
  const server = await startGrpc({ host: '127.0.0.1', port: 0, services: [service], healthState });
  closers.push(() => server.stop(100));
  return `127.0.0.1:${server.port}`;
}

/** Serves a gateway. @returns its address. */
async function gateway(listener: RequestListener): Promise<string> {
  const server: Server = createServer((request, response) => {
    paths.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

const answering =
  (status: number, body: object): RequestListener =>
  (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify(body));

/** Leaves a run record of a stack that lives: this process. */
function stack(of: Partial<RunRecord>): void {
  const { pid } = process;
  const startTime = processIdentity(pid)?.startTime ?? '';
  claimDataDir(dataDir, {
    ...{ version: 1, pid, startTime, startedAtMs: 0, environment: 'test', runId: 'test' },
    ...{ supervisorUrl: '', shutdownToken: '', dashboardUrl: 'http://127.0.0.1:1', processes: [] },
    ...of,
  });
}

async function capstan(...args: readonly string[]): Promise<{ code: number; said: string }> {
  let said = '';
  const write = (text: string): void => {
    said += `${text}\n`;
  };
  const code = await runCli(args, { out: write, err: write, isTerminal: false });
  return { code, said };
}
const here = () => ['--data-dir', dataDir];

describe('capstan kill', () => {
  it('goes over the gateway, and execution is not told twice', async () => {
    const killSwitches = [{ accountId: 'paper', mode: 'soft', reason: 'drill' }];
    const dashboardUrl = await gateway(answering(200, { killSwitches }));
    stack({ dashboardUrl, executionAddress: await execution() });
    const { code, said } = await capstan('kill', '--reason', 'drill', ...here());
    expect([code, said]).toEqual([0, 'paper: killed (soft) — drill\n']);
    expect(paths).toEqual(['/api/kill']);
    expect(asked).toEqual([]);
  });

  it.each([
    ['is not there', undefined],
    ['says that what stands behind it does not answer', answering(503, { why: 'NATS is away.' })],
    ['says nothing', () => undefined],
  ] as const)('goes to execution directly where the gateway %s', async (_, listener) => {
    const dashboardUrl = listener === undefined ? 'http://127.0.0.1:1' : await gateway(listener);
    stack({ dashboardUrl, executionAddress: await execution() });
    const { code, said } = await capstan('kill', '--hard', '--all', '--reason', 'fire', ...here());
    expect(code).toBe(0);
    expect(said).toContain('paper: killed (hard) — fire');
    expect(said).toContain('NATS is away: only this execution process knows of it');
    const mode = KillMode.KILL_MODE_HARD;
    expect(asked).toMatchObject([{ accountId: '', mode, reason: 'fire', foreign: true }]);
  });

  it('does not go past a gateway that refuses', async () => {
    const dashboardUrl = await gateway(answering(400, { why: 'there is no account.', fix: 'So.' }));
    stack({ dashboardUrl, executionAddress: await execution() });
    const { code, said } = await capstan('kill', '--account', 'none', ...here());
    expect(code).toBe(1);
    expect(said).toContain('There is no account.');
    expect(asked).toEqual([]);
  });

  it('says it plainly where nobody answers', async () => {
    stack({ executionAddress: '127.0.0.1:1' });
    const { code, said } = await capstan('kill', ...here());
    expect(code).toBe(1);
    expect(said).toContain('the kill may have reached nobody');
  });

  it('tells a service by its address, without any stack, and passes on what it refuses', async () => {
    const address = await execution();
    const told = await capstan('kill', '--execution', address, '--json');
    expect(JSON.parse(told.said)).toMatchObject({ killSwitches: [{ mode: 'soft', sinceUs: 7 }] });
    refusal = new AppError({ code: 'EXECUTION.ACCOUNT', why: "there is no account 'x'." });
    const refused = await capstan('kill', '--execution', address, '--account', 'x');
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining("no account 'x'") });
  });

  it('does not flatten what is foreign without --hard', async () => {
    const { code, said } = await capstan('kill', '--all');
    expect(code).toBe(2);
    expect(said).toContain('--all was given without --hard');
  });
});

describe('capstan breaker', () => {
  const open = { open: true, failures: 5, failuresMax: 5, reason: 'not today', sinceUs: 0 };

  it('shows how each stands', async () => {
    const closed = { open: false, failures: 2, failuresMax: 5, reason: 'late', sinceUs: 0 };
    const breakers = [
      { accountId: 'a', ...open },
      { accountId: 'b', ...closed },
    ];
    stack({ dashboardUrl: await gateway(answering(200, { breakers })) });
    const { said } = await capstan('breaker', ...here());
    expect(said).toMatch(/^a: open since .* UTC after 5 failures in a row — not today$/m);
    expect(said).toContain('b: closed, 2 of 5 failures in a row');
    expect((await capstan('breaker', '--json', ...here())).said).toContain('"failuresMax": 5');
  });

  it('resets one, and says why it was not', async () => {
    stack({ dashboardUrl: await gateway(answering(200, { message: 'reset: done.' })) });
    const { said } = await capstan('breaker', 'reset', 'paper', ...here());
    expect(said).toBe('paper: reset: done.\n');
    expect(paths).toEqual(['/api/breakers/paper/reset']);
  });

  it('that is soft says where a hard one stays', async () => {
    const one = { actor: 'me', reason: 'fire', sinceUs: 7 };
    const killSwitches = [
      { ...one, accountId: 'live', mode: 'hard' },
      { ...one, accountId: 'paper', mode: 'soft' },
    ];
    const url = await gateway(answering(200, { killSwitches }));
    stack({ dashboardUrl: url });
    const { said } = await capstan('kill', ...here());
    expect(said).toContain('The hard kill of live stays and goes on flattening');
    expect((await capstan('kill', '--hard', ...here())).said).not.toContain('stays');
  });
});
