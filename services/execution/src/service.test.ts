import { executionService } from '@capstan/contracts';
import { hasCode } from '@capstan/domain';
import { closedBreaker, encodeBreaker } from '@capstan/risk';
import { MemoryBus, portErrors, SeededIds } from '@capstan/testkit';
import { describe, expect, it } from 'vitest';
import { KillSwitches } from './kill-switches.ts';
import { LIMITS } from './limits.ts';
import { ExecutionService } from './service.ts';
import { SwitchRequests } from './switch-requests.ts';
import { at, KEY, terms, World } from './test-world.ts';

const { KillMode } = executionService;

async function serving() {
  const world = new World();
  const { store, clock, kv, log } = world;
  const switches = new KillSwitches({ kv, clock });
  const ports = { store, clock, kv, log, bus: new MemoryBus(clock), ids: new SeededIds(1) };
  const accounts = ['other', 'paper'];
  const requests = new SwitchRequests(
    ports,
    switches,
    accounts.map((accountId) => ({ accountId, breakerFailuresMax: 5 })),
  );
  const service = new ExecutionService(ports, requests, accounts);
  return { world, switches, service };
}

describe('listing', () => {
  it('gives orders and fills of whom is asked for', async () => {
    const { world, service } = await serving();
    world.venue.nowUs = at(1);
    world.slice(1, [terms('a'), terms('b', { symbol: 'QQQ' })]);
    await world.run();
    world.venue.fill('a', 10);
    await world.run();
    const all = { accountId: '', botId: '', limit: 0 };
    const ids = async (request: executionService.ListOrdersRequest) =>
      (await service.listOrders(request)).orders.map((order) => order.terms?.orderId).sort();
    expect(await ids({ ...all, openOnly: false })).toEqual(['a', 'b']);
    expect(await ids({ ...all, openOnly: true })).toEqual(['b']);
    expect(await ids({ ...all, openOnly: false, accountId: 'other' })).toEqual([]);
    expect(await ids({ ...all, openOnly: false, botId: 'trend', limit: 1 })).toHaveLength(1);
    const fills = async (afterUs: bigint) => (await service.listFills({ ...all, afterUs })).fills;
    expect(await fills(0n)).toMatchObject([{ orderId: 'a', quantity: 10n }]);
    expect(await fills(BigInt(at(1)))).toEqual([]);
  });
});

describe('cancelling', () => {
  it('writes a command for the owner and gives its answer', async () => {
    const { world, service } = await serving();
    world.slice(1, [terms('a')]);
    await world.run();
    const request = { accountId: 'paper', orderId: 'a', actor: 'me', commandId: 'c1' };
    const answer = service.cancelOrder(request);
    await world.run();
    expect(await answer).toEqual({
      commandId: 'c1',
      applied: true,
      message: 'the venue was asked to cancel it.',
    });
    expect(await world.order('a')).toMatchObject({ state: 'cancelled' });
  });

  it('names a command itself where the caller does not, and says when nobody answers', async () => {
    const { world, service } = await serving();
    const request = { accountId: 'paper', orderId: 'a', actor: 'me', commandId: '' };
    const answer = service.cancelOrder(request).catch((error: unknown) => error);
    await world.clock.advance(10_000);
    expect(hasCode(await answer, 'COMMAND.TIMEOUT')).toBe(true);
    expect(await world.store.pendingCommands(KEY)).toMatchObject([{ kind: 'CancelOrder' }]);
  });

  it('refuses an account that is not there', async () => {
    const { service } = await serving();
    const request = { accountId: 'none', orderId: 'a', actor: 'me', commandId: '' };
    await expect(service.cancelOrder(request)).rejects.toMatchObject({ code: 'EXECUTION.ACCOUNT' });
  });
});

const WHO = { actor: 'me', reason: 'fire', foreign: false };

describe('breakers', () => {
  const reset = { accountId: 'paper', actor: 'me', commandId: 'r', force: false };

  it('are closed until execution says otherwise, and then as it says', async () => {
    const { world, service } = await serving();
    const breakers = async () =>
      (await service.getBreakers()).breakers.map(({ accountId, open, failuresMax }) => [
        accountId,
        open,
        failuresMax,
      ]);
    expect(await breakers()).toEqual([
      ['other', false, 5],
      ['paper', false, 5],
    ]);
    const open = { ...closedBreaker(3), open: true, failures: 3, reason: 'no' };
    await world.kv.put('switches', 'breaker/paper', new TextEncoder().encode(encodeBreaker(open)));
    expect(await breakers()).toEqual([
      ['other', false, 5],
      ['paper', true, 3],
    ]);
  });

  it('are reset through the account’s owner, who answers', async () => {
    const { world, service } = await serving();
    const answer = service.resetBreaker(reset);
    await world.run();
    expect(await answer).toEqual({
      resets: [
        {
          accountId: 'paper',
          result: { commandId: 'r/paper', applied: true, message: 'it is closed already.' },
        },
      ],
    });
    const unknown = service.resetBreaker({ ...reset, accountId: 'none' });
    await expect(unknown).rejects.toMatchObject({ code: 'EXECUTION.ACCOUNT' });
  });
});

describe('killing', () => {
  it('sets the switch of one account or of all, with audit rows, and lifts it', async () => {
    const { world, service, switches } = await serving();
    const one = { accountId: 'paper', mode: KillMode.KILL_MODE_HARD, ...WHO };
    const { switches: thrown } = await service.kill(one);
    expect(thrown).toMatchObject([{ accountId: 'paper', mode: KillMode.KILL_MODE_HARD }]);
    expect(switches.get('other').mode).toBe('off');
    await service.kill({ ...one, accountId: '', mode: KillMode.KILL_MODE_SOFT });
    const now = (await service.getKillSwitch()).switches;
    expect(now.map((entry) => [entry.accountId, entry.mode])).toEqual([
      ['other', KillMode.KILL_MODE_SOFT],
      ['paper', KillMode.KILL_MODE_HARD],
    ]);
    await service.unkill({ accountId: 'paper', actor: 'me' });
    expect(switches.get('paper').mode).toBe('off');
    const audit = await world.store.audit(10);
    expect(audit.map((row) => row.action).sort()).toEqual(['Kill', 'Kill', 'Kill', 'Unkill']);
    const kept = audit.filter(({ details }) => details.includes('"stays":"hard"'));
    expect(kept.map(({ subject }) => subject)).toEqual(['paper']);
  });

  it('is answered soon where neither store nor bus takes it, which is done once they are back', async () => {
    const { world, service, switches } = await serving();
    const { kv, store, clock } = world;
    const put = kv.put.bind(kv);
    const addAudit = store.addAudit.bind(store);
    kv.put = () => Promise.reject(portErrors.busUnavailable('away'));
    kv.get = () => Promise.reject(portErrors.busUnavailable('away'));
    store.addAudit = () => Promise.reject(portErrors.storeUnavailable('away'));
    const killing = service.kill({ accountId: '', mode: KillMode.KILL_MODE_HARD, ...WHO });
    await clock.advance(2 * LIMITS.storeWaitMs);
    expect((await killing).switches).toMatchObject([{ unsaved: true }, { unsaved: true }]);
    const { switches: known } = await service.getKillSwitch();
    expect(known.map(({ mode }) => mode)).toEqual([
      KillMode.KILL_MODE_HARD,
      KillMode.KILL_MODE_HARD,
    ]);
    kv.put = put;
    store.addAudit = addAudit;
    await clock.advance(LIMITS.retryMaxMs);
    expect(switches.isUnsaved('paper')).toBe(false);
    expect((await store.audit(10)).map(({ action, subject }) => [action, subject])).toEqual([
      ['Kill', 'paper'],
      ['Kill', 'other'],
    ]);
  });

  it('flattens what is foreign only where it is hard', async () => {
    const { service } = await serving();
    const soft = { accountId: 'paper', mode: KillMode.KILL_MODE_SOFT, ...WHO, foreign: true };
    await expect(service.kill(soft)).rejects.toMatchObject({ code: 'EXECUTION.KILL' });
  });

  it('must say how', async () => {
    const { service } = await serving();
    const request = { accountId: 'paper', mode: KillMode.KILL_MODE_OFF, ...WHO };
    await expect(service.kill(request)).rejects.toMatchObject({ code: 'EXECUTION.KILL' });
    const none = { ...request, mode: KillMode.KILL_MODE_UNSPECIFIED };
    await expect(service.kill(none)).rejects.toMatchObject({ code: 'EXECUTION.KILL' });
  });
});
