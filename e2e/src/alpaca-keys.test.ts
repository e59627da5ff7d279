import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KINDS_BY_DEFAULT, type ToldAlert } from '@capstan/alerts';
import {
  executionService,
  positionService,
  reportingService,
  riskService,
  serveOverBus,
  signalService,
} from '@capstan/contracts';
import { US_PER_MINUTE } from '@capstan/domain';
import { EMULATOR_KEYS } from '@capstan/emulators';
import { systemClock } from '@capstan/runtime';
import { StrategyRegistry } from '@capstan/strategy';
import { MemoryRequests, nullMeter, SeededIds } from '@capstan/testkit';
import { afterEach, expect, it, vi } from 'vitest';
import { KillSwitches } from '../../services/execution/src/kill-switches.ts';
import { ExecutionService } from '../../services/execution/src/service.ts';
import { SwitchRequests } from '../../services/execution/src/switch-requests.ts';
import { busClients } from '../../services/gateway/src/clients.ts';
import { Gateway } from '../../services/gateway/src/gateway.ts';
import { PositionService } from '../../services/position-sync/src/service.ts';
import { AlertAnswers } from '../../services/reporting/src/alerts/alert-answers.ts';
import { ALERTS_KEY, AlertOwner } from '../../services/reporting/src/alerts/alert-owner.ts';
import type { ChannelSender } from '../../services/reporting/src/alerts/channel-sender.ts';
import { RiskService } from '../../services/risk/src/service.ts';
import { SignalService } from '../../services/signal/src/service.ts';
import { ACCOUNT, AlpacaWorld, emulatedAlpaca } from './alpaca-account-world.ts';

const WAIT = { timeout: 20_000, interval: 10 } as const;
const NEW_KEYS = { keyId: EMULATOR_KEYS.keyId, secretKey: 'a-new-secret' } as const;

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A trading account whose secret key is a mounted file, a person who hears of alerts, and the page over all of it. */
async function open() {
  const folder = mkdtempSync(join(tmpdir(), 'capstan-keys-'));
  endings.push(() => rmSync(folder, { recursive: true, force: true }));
  const secretFile = join(folder, 'secret-key');
  writeFileSync(secretFile, EMULATOR_KEYS.secretKey);
  const told: ToldAlert[] = [];
  const pager: ChannelSender = {
    channel: 'pager',
    send: async (alerts) => {
      told.push(...alerts);
      return undefined;
    },
  };
  const emulator = await emulatedAlpaca();
  endings.push(() => emulator.close());
  const world = new AlpacaWorld(emulator, {
    ...{ secretFile, haste: 20 },
    also: (host, ports) =>
      host.add(ALERTS_KEY, () => new AlertOwner({ ...ports, ...alerting(pager) }, ALERTING)),
  });
  endings.push(() => world.end());
  const page = await pageOver(world, pager);
  await world.addBot();
  world.begin();
  await vi.waitFor(async () => expect((await world.inLedger()).cash).toBeGreaterThan(0), WAIT);
  const trade = async (direction: 'long' | 'flat', held: number) => {
    emulator.control.step({ minutes: 1 });
    await world.say(direction);
    await vi.waitFor(async () => expect(await world.accepted()).toBeGreaterThan(0), WAIT);
    emulator.control.step({ minutes: 1 });
    const expected = held === 0 ? [] : [['SPY', held]];
    await vi.waitFor(async () => expect((await world.inLedger()).held).toEqual(expected), WAIT);
    expect((await world.atBroker()).held).toEqual(expected);
  };
  return { world, control: emulator.control, secretFile, told, page, trade };
}

const alerting = (pager: ChannelSender) => ({
  meter: nullMeter,
  senders: [pager],
  feeds: async () => undefined,
});

const ALERTING = {
  runId: 'live',
  accountIds: [ACCOUNT],
  rules: {
    routes: [{ channel: 'pager', minLevel: 'info', kinds: KINDS_BY_DEFAULT } as const],
    repeatUs: 15 * US_PER_MINUTE,
  },
  watch: { unknownUs: US_PER_MINUTE, staleUs: 60 * US_PER_MINUTE, scaleOf: () => 0 },
};

/** The gateway over the services' own answers; returns what it says under an address. */
async function pageOver(world: AlpacaWorld, pager: ChannelSender) {
  const { store, bus, kv, log, clock } = world;
  const requests = new MemoryRequests(systemClock);
  const ports = { store, bus, kv, log, clock, ids: new SeededIds(1) };
  const switches = new SwitchRequests(ports, new KillSwitches(ports), [
    { accountId: ACCOUNT, breakerFailuresMax: 5 },
  ]);
  const served = [
    [
      signalService.SignalServiceDefinition,
      new SignalService(ports, new StrategyRegistry([]), () => undefined),
    ],
    [riskService.RiskServiceDefinition, new RiskService(ports, [])],
    [executionService.ExecutionServiceDefinition, new ExecutionService(ports, switches, [ACCOUNT])],
    [positionService.PositionServiceDefinition, new PositionService(store)],
  ] as const;
  for (const [definition, service] of served)
    await serveOverBus(requests, definition as never, service as never);
  const answers = new AlertAnswers(ports, [pager]);
  const listAlerts = { listAlerts: () => answers.list() };
  await serveOverBus(requests, reportingService.ReportingServiceDefinition, listAlerts as never);
  const gateway = new Gateway(
    {
      ...ports,
      clients: busClients(requests),
      meter: nullMeter,
      health: neverAsked,
      hashToken: String,
    },
    {
      ...{ runId: 'live', dryRun: false, environment: 'live', version: '0', services: {} },
      ...{ instruments: world.instruments, auth: { localOperator: true, hosts: [] } },
    },
  );
  return async (path: string, id = ''): Promise<unknown> => {
    const route = gateway.routes.find((one) => one.method === 'GET' && one.path === path);
    if (route === undefined) throw new Error(`nothing at ${path}`);
    const headers = { host: 'localhost' };
    const from = { method: 'GET', remoteAddress: '127.0.0.1', query: {}, body: undefined };
    const answer = await gateway.answer(route, { ...from, id, headers });
    return answer.body;
  };
}

const neverAsked = () => {
  throw new Error('no service of this page has an address');
};

it('keys that die while a bot trades keep it from adding, a person and the page say so, and new keys let it go on', async () => {
  const { world, control, secretFile, told, page, trade } = await open();
  await trade('long', 20);
  await trade('flat', 0);
  expect(await page('/api/why/:id', 'trend')).toMatchObject({ standing: [] });
  const about = () => told.filter(({ kind }) => kind === 'token');
  expect(about()).toEqual([]);

  control.rotateKeys(EMULATOR_KEYS.keyId, NEW_KEYS);
  control.dropStreams('trading');
  await vi.waitFor(() => expect(about()).toHaveLength(1), WAIT);
  expect(about()[0]).toMatchObject({
    ...{ level: 'critical', title: `${ACCOUNT}: access to the broker has ended` },
    text: expect.stringContaining('a mounted file is read again by itself'),
  });
  control.step({ minutes: 1 });
  await world.say('long');
  await vi.waitFor(async () => {
    expect(await world.store.denials({ botId: 'trend', limit: 9 })).toMatchObject([
      { policy: 'venue-access', symbol: 'SPY' },
    ]);
  }, WAIT);
  expect(await page('/api/why/:id', 'trend')).toMatchObject({
    standing: [
      "Its last decision, in SPY, was denied by venue-access: the account's venue does not take its keys. " +
        'Give the account keys that its venue takes: `capstan venues check` says which it has.',
    ],
  });
  expect(await page('/api/alerts')).toMatchObject({
    alerts: expect.arrayContaining([expect.objectContaining({ kind: 'token', level: 'critical' })]),
  });
  expect(await world.orders()).toHaveLength(2);

  writeFileSync(secretFile, NEW_KEYS.secretKey);
  await vi.waitFor(() => expect(about()).toHaveLength(2), WAIT);
  expect(about()[1]).toMatchObject({ level: 'info', title: `${ACCOUNT}: the broker lets us in` });
  await trade('long', 20);
  expect(await page('/api/why/:id', 'trend')).toMatchObject({ standing: [] });
  expect(await world.orders()).toHaveLength(3);
  const said = JSON.stringify([world.log.lines, told]);
  for (const { secretKey } of [EMULATOR_KEYS, NEW_KEYS]) expect(said).not.toContain(secretKey);
}, 60_000);
