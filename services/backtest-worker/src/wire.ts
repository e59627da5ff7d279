import { type Calendar, CalendarBook } from '@capstan/calendar';
import { backtestService, grpcService } from '@capstan/contracts';
import { readBarFile, sliceBars } from '@capstan/lake';
import { openPlatform, wired } from '@capstan/platform';
import {
  instrumentsOf,
  type PlatformConfig,
  type ServiceContext,
  type WiredService,
} from '@capstan/runtime';
import { StrategyRegistry } from '@capstan/strategy';
import type { JobSpec } from './config.ts';
import { JOB_FEED, type JobWorld } from './run-job.ts';
import { BacktestService } from './service.ts';
import { Worker } from './worker.ts';

/** Puts the service together: one worker, and the RPC. */
export async function wire(context: ServiceContext<PlatformConfig>): Promise<WiredService> {
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
      worker.run().catch(context.crash);
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
  const file = await readBarFile({ path: spec.bars, timeframe: '1m' });
  const instruments = instrumentsOf(config, file.symbols);
  const calendars = new CalendarBook();
  const calendarOf = (name: string): Calendar => calendars.get(name);
  const { slices } = sliceBars(JOB_FEED, file.bars, spec.hours, (symbol) =>
    calendarOf(instruments.get(symbol).calendar),
  );
  const { symbols, fingerprint } = file;
  return {
    slices,
    symbols,
    fingerprint,
    instruments,
    calendarOf,
    strategies: new StrategyRegistry(),
  };
}
