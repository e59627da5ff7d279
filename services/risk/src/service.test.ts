import { parseCash, parsePrice, quantity } from '@capstan/domain';
import type { Bus, Clock, CommandRecord, HistoryQuery, Ids, Kv, Store } from '@capstan/ports';
import { DEFAULT_LIMITS } from '@capstan/risk';
import { describe, expect, it } from 'vitest';
import { NOON } from './risk-world.fixture.ts';
import { RiskService, type RiskServicePorts } from './service.ts';

const ROW = { accountId: 'paper', botId: 'a', symbol: 'AAA' };

function serviceOver(asked: HistoryQuery[] = [], commands: CommandRecord[] = [], shown?: string) {
  const cause = {
    runId: 'run',
    ...ROW,
    causeKind: 'signal',
    causeId: 's',
    decidedAtUs: NOON,
  } as const;
  const store: Partial<Store> = {
    addCommand: async (command) => void commands.push(command),
    command: async (commandId) => {
      const found = commands.find((one) => one.commandId === commandId);
      return found && { ...found, state: 'refused', result: 'no such limit.' };
    },
    denials: async (query) => {
      asked.push(query);
      return [{ ...cause, denialId: 'd', policy: 'sizing', reason: 'too small' }];
    },
    intents: async (query) => {
      asked.push(query);
      return [
        {
          ...cause,
          intentId: 'i',
          side: 'buy',
          quantity: quantity(3),
          type: 'market',
          timeInForce: 'day',
          reducing: false,
          referencePriceNanos: parsePrice('100'),
        },
      ];
    },
    ledger: async () => ({
      positions: [
        {
          ...ROW,
          quantity: quantity(-3),
          costMicros: parseCash('-300'),
          realisedMicros: parseCash('1'),
          feesMicros: parseCash('0.5'),
        },
      ],
      cash: [{ accountId: 'paper', botId: 'a', cashMicros: parseCash('300.5') }],
    }),
  };
  const account = {
    accountId: 'paper',
    venue: 'paper',
    mode: 'paper',
    currency: 'USD',
    limits: DEFAULT_LIMITS,
  };
  const kv: Partial<Kv> = {
    get: async (_bucket, key) =>
      key === 'limits/paper' && shown !== undefined
        ? { key, revision: 1, value: new TextEncoder().encode(shown) }
        : undefined,
  };
  const clock: Partial<Clock> = { nowUs: () => NOON, monotonicMs: () => 0, sleep: async () => {} };
  const bus: Partial<Bus> = { notify: async () => {} };
  const ids: Partial<Ids> = { random: () => 'drawn' };
  const ports = { store, kv, clock, bus, ids };
  return new RiskService(ports as unknown as RiskServicePorts, [account]);
}

describe('RiskService', () => {
  it('lists accounts with their limits', async () => {
    const { accounts } = await serviceOver().listAccounts();
    expect(accounts).toMatchObject([{ accountId: 'paper', mode: 'paper', currency: 'USD' }]);
    expect(JSON.parse(accounts[0]?.limitsJson ?? '')).toEqual(DEFAULT_LIMITS);
  });

  it('lists denials and intents, bounded, of whom is asked for', async () => {
    const asked: HistoryQuery[] = [];
    const service = serviceOver(asked);
    const { denials } = await service.listDenials({ accountId: '', botId: '', limit: 0 });
    const request = { accountId: 'paper', botId: 'a', limit: 5_000 };
    const { intents } = await service.listIntents(request);
    expect(denials).toMatchObject([{ denialId: 'd', policy: 'sizing' }]);
    expect(intents).toMatchObject([{ intentId: 'i', quantity: 3n }]);
    expect(asked).toEqual([{ limit: 100 }, { accountId: 'paper', botId: 'a', limit: 1_000 }]);
  });

  it('gives the ledger of an account, and says which ones there are', async () => {
    const service = serviceOver();
    expect(await service.getLedger({ accountId: 'paper' })).toEqual({
      positions: [
        {
          ...ROW,
          quantity: -3n,
          costMicros: -300_000_000n,
          realisedMicros: 1_000_000n,
          feesMicros: 500_000n,
        },
      ],
      cash: [{ accountId: 'paper', botId: 'a', cashMicros: 300_500_000n }],
    });
    await expect(service.getLedger({ accountId: 'live' })).rejects.toMatchObject({
      code: 'RISK_SERVICE.ACCOUNT',
      message: expect.stringContaining('Known: paper.'),
    });
  });

  it('tells the limits that hold: those that the owner shows, else the configured ones', async () => {
    const asked = { accountId: 'paper' };
    const configured = await serviceOver().getLimits(asked);
    expect(configured.changed).toBe(false);
    expect(JSON.parse(configured.limitsJson)).toMatchObject({ bufferBps: 50 });
    const shown = JSON.stringify({ limits: { maxPositions: 2 }, changed: true });
    expect(await serviceOver([], [], shown).getLimits(asked)).toEqual({
      accountId: 'paper',
      limitsJson: '{"maxPositions":2}',
      changed: true,
    });
    await expect(serviceOver().getLimits({ accountId: 'x' })).rejects.toThrow("no account 'x'");
  });

  it('hands a change of limits to the owner of the account, and tells its answer', async () => {
    const commands: CommandRecord[] = [];
    const request = {
      ...{ accountId: 'paper', botId: 'a', symbol: '', actor: 'ana', commandId: '' },
      setJson: '{"maxPositions":1}',
    };
    expect(await serviceOver([], commands).setLimits(request)).toEqual({
      commandId: 'drawn',
      applied: false,
      message: 'no such limit.',
    });
    expect(commands).toMatchObject([{ key: 'risk/paper', kind: 'SetLimits', actor: 'ana' }]);
    expect(JSON.parse(commands[0]?.payload ?? '')).toEqual({
      botId: 'a',
      symbol: '',
      set: { maxPositions: 1 },
    });
  });
});
