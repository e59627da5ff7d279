import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grpcService, paperExchangeService, postedActionFromWire } from '@capstan/contracts';
import { createHealth, startGrpc } from '@capstan/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../program.ts';
import { processIdentity } from '../supervisor/process-identity.ts';
import { claimDataDir } from '../supervisor/run-file.ts';

const { PaperExchangeServiceDefinition, PaperExchangeServiceService } = paperExchangeService;
type Asked = paperExchangeService.PostActionRequest;

let dataDir: string;
let asked: Asked[];
const closers: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'capstan-paper-'));
  asked = [];
});
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Serves an exchange that knows SPY alone. @returns its address. */
async function exchange(): Promise<string> {
  const postAction = async (request: Asked) => {
    asked.push(request);
    const action = postedActionFromWire(request.action);
    const isKnown = !('symbol' in action) || action.symbol === 'SPY';
    return { taken: isKnown, reason: isKnown ? '' : 'there is no such symbol' };
  };
  const implementation = { postAction } as unknown as Parameters<
    typeof grpcService<typeof PaperExchangeServiceDefinition>
  >[2];
  const services = [
    grpcService(PaperExchangeServiceDefinition, PaperExchangeServiceService, implementation),
  ];
  const healthState = createHealth();
  const server = await startGrpc({ host: '127.0.0.1', port: 0, services, healthState });
  closers.push(() => server.stop(100));
  return `127.0.0.1:${server.port}`;
}

/** Runs the command on a stack that lives: this process. */
async function paper(exchangeAddress: string, ...args: readonly string[]) {
  const { pid } = process;
  const startTime = processIdentity(pid)?.startTime ?? '';
  claimDataDir(dataDir, {
    ...{ version: 1, pid, startTime, startedAtMs: 0, environment: 'test', runId: 'test' },
    ...{ supervisorUrl: '', shutdownToken: '', dashboardUrl: 'http://127.0.0.1:1', processes: [] },
    exchangeAddress,
  });
  let said = '';
  const write = (text: string): void => {
    said += `${text}\n`;
  };
  const all = ['paper', ...args, '--data-dir', dataDir];
  const code = await runCli(all, { out: write, err: write, isTerminal: false });
  return { code, said };
}

const actions = () => asked.map(({ action }) => postedActionFromWire(action));

describe('capstan paper', () => {
  it('posts a split, by its own id where one is given', async () => {
    const split = ['split', 'SPY', '4:1', '--close', '412.50', '--id', 'my-split'];
    expect(await paper(await exchange(), ...split)).toMatchObject({
      code: 0,
      said: expect.stringContaining('my-split'),
    });
    expect(asked).toMatchObject([{ actionId: 'my-split' }]);
    const figures = { newShares: 4, oldShares: 1, closeNanos: 412_500_000_000 };
    expect(actions()).toEqual([{ kind: 'split', symbol: 'SPY', ...figures }]);
  });

  it('lets cash come and go, and pays dividends', async () => {
    const address = await exchange();
    await paper(address, 'cash', 'withdrawal', '12.5');
    rmSync(join(dataDir), { recursive: true, force: true });
    dataDir = mkdtempSync(join(tmpdir(), 'capstan-paper-'));
    await paper(address, 'dividend', 'SPY', '0.55');
    expect(actions()).toEqual([
      { kind: 'withdrawal', accountId: 'paper', amountMicros: -12_500_000 },
      { kind: 'dividend', symbol: 'SPY', perUnitNanos: 550_000_000 },
    ]);
  });

  it.each([
    [['split', 'SPY', '4', '--close', '1'], /4:1/],
    [['split', 'SPY', '4:1', '--close', '0'], /a price such as/],
    [['cash', 'gift', '5'], /Allowed choices are/],
    [['cash', 'deposit', '-5'], /unknown option|an amount such as/],
    [['dividend', 'DOGE', '1'], /there is no such symbol/i],
  ] as const)('refuses %j with what to do', async (args, said) => {
    expect(await paper(await exchange(), ...args)).toMatchObject({
      code: 2,
      said: expect.stringMatching(said),
    });
  });

  it('says it where the exchange does not answer', async () => {
    const { code, said } = await paper('127.0.0.1:1', 'dividend', 'SPY', '1');
    expect([code, said]).toEqual([1, expect.stringContaining('does not answer')]);
  });
});
