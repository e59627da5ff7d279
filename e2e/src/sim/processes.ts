import { KeyedOwner, type OwnerLogic } from '@capstan/journal';
import {
  copyOf,
  remoteVenue,
  type SimPorts,
  type SimProgram,
  type SimWorld,
} from '@capstan/testkit/sim';
import { ExecutionAccount } from '../../../services/execution/src/execution-account.ts';
import { KillBrake } from '../../../services/execution/src/kill-brake.ts';
import { KillSwitches } from '../../../services/execution/src/kill-switches.ts';
import { SwitchRequests } from '../../../services/execution/src/switch-requests.ts';
import { FeedOwner } from '../../../services/market-data/src/feed-owner.ts';
import { ListSource } from '../../../services/market-data/src/slice-source.ts';
import { PaperExchange } from '../../../services/paper-exchange/src/exchange.ts';
import type {
  ExchangeJournal,
  JournalEntry,
} from '../../../services/paper-exchange/src/journal.ts';
import { PositionOwner } from '../../../services/position-sync/src/position-owner.ts';
import { RiskAccount } from '../../../services/risk/src/risk-account.ts';
import { BotOwner } from '../../../services/signal/src/bot-owner.ts';
import { MarketReading } from '../../../services/signal/src/market-reading.ts';
import { type Amendments, amendedVenue } from './amended-venue.ts';
import { BrokerOffice, type ExchangeDesk } from './broker-office.ts';
import type { Invariants, WatchedOwner } from './invariants/invariants.ts';
import type { MarketTime } from './market-time.ts';
import { drawOperations, isBrokers } from './operations.ts';
import { Operator } from './operator.ts';
import {
  ACCOUNT_ID,
  BOTS,
  CASH,
  calendarOf,
  exchangeAccount,
  FEED,
  instruments,
  RUN_ID,
  type Scenario,
  scheduleOf,
  strategies,
  VENUE,
} from './scenario.ts';

/** How often a snapshot of the account is taken, in milliseconds. */
const SNAPSHOT_MS = 2_000;

/** A world and what is played in it. */
export interface Stage {
  readonly world: SimWorld;
  readonly scenario: Scenario;
  readonly invariants: Invariants;
  /** The exchange's journal. */
  readonly memory: JournalEntry[];
  /** What the broker does beside its exchange. */
  readonly amendments: Amendments;
  /** Where the broker reaches its exchange. */
  readonly desk: ExchangeDesk;
  /** The clock on the wall of a world that is live. */
  readonly marketTime: MarketTime | undefined;
}

/** The exchange's journal: it outlives the exchange, and an append may be cut off before or after it took effect. */
class SimJournal implements ExchangeJournal {
  readonly #stage: Stage;
  readonly #ports: SimPorts;

  constructor(stage: Stage, ports: SimPorts) {
    this.#stage = stage;
    this.#ports = ports;
  }

  async read(): Promise<readonly JournalEntry[]> {
    await this.#ports.clock.sleep(1);
    return copyOf(this.#stage.memory);
  }

  async append(entries: readonly JournalEntry[]): Promise<void> {
    const written = copyOf(entries);
    await this.#ports.clock.sleep(0.2);
    this.#stage.memory.push(...written);
    this.#stage.invariants.exchangeWrote(written);
    const { exchange } = this.#stage.invariants.truth;
    this.#stage.amendments.place(exchange.activities(ACCOUNT_ID));
    await this.#ports.clock.sleep(0.2);
  }
}

const owners =
  (keys: (ports: SimPorts) => Readonly<Record<string, () => OwnerLogic>>) =>
  (ports: SimPorts): SimProgram => {
    const holder = ports.ids.incarnation();
    const running = Object.entries(keys(ports)).map(
      ([key, make]) => new KeyedOwner(ports, key, holder, make),
    );
    return {
      run: async () => {
        await Promise.all(running.map((owner) => owner.run()));
      },
      stop: async () => {
        await Promise.all(running.map((owner) => owner.stop()));
      },
    };
  };

/** Starts all processes of a scenario. */
export function startProcesses(stage: Stage): void {
  const { world, scenario } = stage;
  world.process('paper-exchange', (ports) => {
    const settings = {
      behaviour: scenario.behaviour,
      accounts: [exchangeAccount],
      venues: [VENUE],
      feeds: [FEED],
      latencyMs: 0,
    };
    const journal = new SimJournal(stage, ports);
    const exchange = new PaperExchange({ ...ports, journal }, settings, instruments, calendarOf);
    return {
      run: async () => {
        await exchange.load();
        ports.network.offer('exchange', amendedVenue(exchange, stage.amendments));
        stage.desk.exchange = exchange;
        await exchange.run();
      },
      stop: () => exchange.stop(),
    };
  });
  for (let replica = 0; replica < scenario.replicas; replica += 1) {
    world.process(
      `market-data-${replica}`,
      owners((ports) => feedKeys(ports, scenario)),
    );
    world.process(
      `signal-${replica}`,
      owners((ports) => botKeys(ports, scenario)),
    );
    world.process(
      `risk-${replica}`,
      owners((ports) => riskKeys(ports, scenario)),
    );
    world.process(`execution-${replica}`, (ports) => {
      const owner = stage.invariants.watchOwner(ports);
      return owners(() => executionKeys(owner, stage))(owner.ports);
    });
  }
}

const feedKeys = (ports: SimPorts, { history, played }: Scenario) => ({
  [`feed/${FEED}`]: () =>
    new FeedOwner(
      ports,
      { feed: FEED, venue: VENUE, runId: RUN_ID, intervalMs: 0, accounts: [ACCOUNT_ID] },
      new ListSource([...history, ...played], history.length),
    ),
});

const botKeys = (ports: SimPorts, scenario: Scenario) => {
  const market = new MarketReading(ports.bus);
  return Object.fromEntries(
    scenario.bots.map(({ botId, strategy, params, sizing, symbols }) => [
      `bot/${botId}`,
      () =>
        new BotOwner(ports, {
          runId: RUN_ID,
          botId,
          config: {
            botId,
            accountId: ACCOUNT_ID,
            strategy,
            params,
            symbols,
            timeframe: '1m',
            feed: FEED,
            sizing,
            ...scheduleOf(botId, scenario),
            restartOnCrash: true,
            onShutdown: 'leave',
          },
          venueOf: () => VENUE,
          calendarOf: () => calendarOf('XNYS'),
          catalogue: { strategies, feeds: [FEED], accounts: [ACCOUNT_ID] },
          market,
          restart: true,
        }),
    ]),
  );
};

const riskKeys = (ports: SimPorts, { limits }: Scenario) => ({
  [`risk/${ACCOUNT_ID}`]: () =>
    new RiskAccount(ports, {
      runId: RUN_ID,
      accountId: ACCOUNT_ID,
      cashMicros: CASH,
      limits,
      instruments,
      calendarOf,
      bots: BOTS.map(({ botId }) => ({ botId, feed: FEED })),
      eventTime: true,
      venueReportsSlices: true,
    }),
});

const executionKeys = (owner: WatchedOwner, stage: Stage) => {
  const { scenario, world, invariants, marketTime } = stage;
  const { fence } = owner;
  const clock = marketTime?.on(owner.ports.clock) ?? owner.ports.clock;
  const ports = { ...owner.ports, clock };
  const { capabilities, limits, breakerFailuresMax, losesFills } = scenario;
  const weather = { faults: world.faults, random: world.random, losesFills };
  const switches = new KillSwitches(ports);
  const venue = invariants.watchVenue(
    remoteVenue(ports, 'exchange', capabilities, weather),
    () => ({
      fence: fence(),
      killMode: switches.get(ACCOUNT_ID).mode,
      ...(marketTime === undefined ? {} : { nowUs: clock.nowUs() }),
    }),
  );
  const settings = {
    runId: RUN_ID,
    accountId: ACCOUNT_ID,
    instruments,
    limits,
    breakerFailuresMax,
    calendarOf,
    eventTime: marketTime === undefined,
  };
  const brake = new KillBrake({ ...ports, venue }, ACCOUNT_ID, switches);
  const accounts = [{ accountId: ACCOUNT_ID, breakerFailuresMax }];
  ports.network.offer('execution', new SwitchRequests(ports, switches, accounts));
  return {
    [`execution/${ACCOUNT_ID}`]: () =>
      new ExecutionAccount({ ...ports, venue }, settings, switches, brake),
  };
};

/** Starts those who act on a world that is operated: people, the broker, and who compares the two. */
export function startOperated(stage: Stage, seed: number): void {
  const { world, scenario, invariants, amendments, desk } = stage;
  const operations = drawOperations(seed, scenario.limits.maxPositionUnits ?? 0);
  const operator = new Operator(world, invariants, operations);
  world.process('operator', (ports) => operator.program(ports), { isTarget: false });
  world.process(
    'position-sync',
    owners((ports) => positionKeys(ports, stage)),
  );
  const office = new BrokerOffice(world, { truth: invariants.truth, amendments, desk }, scenario);
  for (const operation of operations) {
    if (isBrokers(operation)) world.at(operation.atMs, () => office.do(operation.kind));
  }
}

const positionKeys = (ports: SimPorts, { scenario, world }: Stage) => {
  const venue = remoteVenue(ports, 'exchange', scenario.capabilities, world);
  const options = { everyMs: SNAPSHOT_MS, snapshotDays: 1, foreign: 'hold', instruments } as const;
  return {
    [`position/${ACCOUNT_ID}`]: () => new PositionOwner({ ...ports, venue }, ACCOUNT_ID, options),
  };
};
