import { type Calendar, CalendarBook } from '@capstan/calendar';
import { backtestService, grpcService } from '@capstan/contracts';
import { joinFingerprints, readBarsFromFile, regularBars } from '@capstan/lake';
import { openPlatform, wired } from '@capstan/platform';
import {
  type ConfigOf,
  instrumentsOf,
  type PlatformConfig,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { StrategyRegistry } from '@capstan/strategy';
import type { configSchema, JobSpec } from './config.ts';
import type { JobWorld } from './run-job.ts';
import { BacktestService } from './service.ts';
import { Worker } from './worker.ts';

/** Puts the service together: one worker, unless it is only the desk, and the RPC. */
export async function wire(
  context: ServiceContext<ConfigOf<typeof configSchema>>,
): Promise<WiredService> {
  const { clock, log, meter, config } = context;
  const platform = await openPlatform(context);
  const { store, bus, workQueue } = platform;
  const worker = new Worker({ store, bus, queue: workQueue, clock, log, meter }, (spec) =>
    openWorld(config, spec),
  );
  const service = new BacktestService({ store, queue: workQueue, clock });
  await platform.serve(backtestService.BacktestServiceDefinition, service);
  return wired(platform, {
    start: () => {
      if (config['backtest-worker'].computes) worker.run().catch(context.crash);
      return Promise.resolve();
    },
    stop: () => worker.stop(),
    grpcServices: [
      grpcService(
        backtestService.BacktestServiceDefinition,
        backtestService.BacktestServiceService,
        service,
      ),
    ],
  });
}

async function openWorld(config: PlatformConfig, spec: JobSpec): Promise<JobWorld> {
  const calendars = new CalendarBook();
  const calendarOf = (name: string): Calendar => calendars.get(name);
  const { series } = await readBarsFromFile({
    path: spec.bars,
    timeframe: '1m',
    instrumentOf: (symbol) => instrumentsOf(config, [symbol]).get(symbol),
  });
  const symbols = series.map(({ symbol }) => symbol);
  return {
    series: series.map(({ symbol, bars, instrument }) => ({
      symbol,
      bars: spec.hours === 'all' ? bars : regularBars(bars, calendarOf(instrument.calendar)),
    })),
    fingerprint: joinFingerprints(series.map((one) => one.fingerprint)),
    instruments: instrumentsOf(config, symbols),
    calendarOf,
    strategies: new StrategyRegistry(),
  };
}
