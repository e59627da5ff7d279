import { BacktestServiceDefinition } from './gen/capstan/backtest/v1/backtest_service.ts';
import { ExecutionServiceDefinition } from './gen/capstan/execution/v1/execution_service.ts';
import { MarketDataServiceDefinition } from './gen/capstan/market/v1/market_service.ts';
import { PositionServiceDefinition } from './gen/capstan/position/v1/position_service.ts';
import { ReportingServiceDefinition } from './gen/capstan/reporting/v1/reporting_service.ts';
import { RiskServiceDefinition } from './gen/capstan/risk/v1/risk_service.ts';
import { SignalServiceDefinition } from './gen/capstan/signal/v1/signal_service.ts';

/** What one service does on the bus: all that it does, for the rest is refused where the server is told of it. */
export interface BusAccess {
  /** Patterns of the subjects on which its events go out. */
  readonly publishes: readonly string[];
  /** Streams that it reads. */
  readonly reads: readonly string[];
  /** Key-value buckets that it reads, and those that it writes, beside the leases of its keys. */
  readonly bucketsRead: readonly string[];
  readonly bucketsWritten: readonly string[];
  /** RPC services that it answers, and those that it asks. */
  readonly answers: readonly string[];
  readonly asks: readonly string[];
  /** It owns keys: it holds leases and hears of commands. */
  readonly owns: boolean;
  /** It nudges owners of other services' keys, or of its own. */
  readonly commands: boolean;
  /** It takes backtests from the queue, through a consumer that all of its kind share. */
  readonly takesWork: boolean;
  /** It asks how many backtests wait, and takes none. */
  readonly watchesWork: boolean;
}

const NOTHING: BusAccess = {
  publishes: [],
  reads: [],
  bucketsRead: [],
  bucketsWritten: [],
  answers: [],
  asks: [],
  owns: false,
  commands: false,
  takesWork: false,
  watchesWork: false,
};

const { fullName: MARKET_RPC } = MarketDataServiceDefinition;
const { fullName: SIGNAL_RPC } = SignalServiceDefinition;
const { fullName: RISK_RPC } = RiskServiceDefinition;
const { fullName: EXECUTION_RPC } = ExecutionServiceDefinition;
const { fullName: POSITION_RPC } = PositionServiceDefinition;
const { fullName: REPORTING_RPC } = ReportingServiceDefinition;
const { fullName: BACKTEST_RPC } = BacktestServiceDefinition;

/**
 * Every service that speaks over the bus. A subject of events has one service that may publish on it: above all, nobody but risk
 * can approve, and nobody but execution can say that something was ordered or filled.
 */
export const BUS_ACCESS = {
  'market-data': {
    ...NOTHING,
    publishes: ['market.bar.>', 'market.closed.*', 'market.quote.>', 'market.option.>'],
    reads: ['MARKET', 'TRADING'],
    bucketsWritten: ['switches'],
    answers: [MARKET_RPC],
    owns: true,
  },
  signal: {
    ...NOTHING,
    publishes: ['trading.signal.*'],
    reads: ['MARKET'],
    answers: [SIGNAL_RPC],
    owns: true,
    commands: true,
  },
  risk: {
    ...NOTHING,
    publishes: ['trading.approved.*', 'trading.denied.*'],
    reads: ['MARKET', 'TRADING'],
    bucketsRead: ['switches'],
    bucketsWritten: ['switches'],
    answers: [RISK_RPC],
    owns: true,
    commands: true,
  },
  execution: {
    ...NOTHING,
    publishes: ['trading.order.*', 'trading.fill.*', 'trading.emergency.*'],
    reads: ['MARKET', 'TRADING'],
    bucketsRead: ['switches', 'alerts'],
    bucketsWritten: ['switches', 'alerts'],
    answers: [EXECUTION_RPC],
    owns: true,
    commands: true,
  },
  'position-sync': {
    ...NOTHING,
    publishes: ['position.snapshot.*', 'position.drift.*'],
    reads: ['TRADING'],
    bucketsRead: ['switches'],
    bucketsWritten: ['switches'],
    answers: [POSITION_RPC],
    owns: true,
    commands: true,
  },
  reporting: {
    ...NOTHING,
    publishes: ['control.session.*'],
    reads: ['CONTROL', 'MARKET', 'POSITION', 'TRADING'],
    bucketsRead: ['switches', 'alerts'],
    bucketsWritten: ['alerts'],
    answers: [REPORTING_RPC],
    asks: [MARKET_RPC],
    owns: true,
  },
  'backtest-worker': {
    ...NOTHING,
    publishes: ['backtest.work.*', 'backtest.event.*', 'backtest.dead.*'],
    answers: [BACKTEST_RPC],
    takesWork: true,
  },
  gateway: {
    ...NOTHING,
    reads: ['MARKET', 'POSITION', 'TRADING'],
    asks: [
      MARKET_RPC,
      SIGNAL_RPC,
      RISK_RPC,
      EXECUTION_RPC,
      POSITION_RPC,
      REPORTING_RPC,
      BACKTEST_RPC,
    ],
    watchesWork: true,
  },
  operator: {
    ...NOTHING,
    asks: [SIGNAL_RPC, RISK_RPC, EXECUTION_RPC, REPORTING_RPC, BACKTEST_RPC],
    owns: true,
  },
  'paper-exchange': { ...NOTHING, reads: ['MARKET'] },
} as const satisfies Readonly<Record<string, BusAccess>>;

/** A service that speaks over the bus. */
export type BusService = keyof typeof BUS_ACCESS;

/** Who makes the streams: not a service, but what prepares an installation for them. */
export const BUS_SETUP = 'setup';
