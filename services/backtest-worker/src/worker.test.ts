import { backtestService, subjects } from '@capstan/contracts';
import { AppError, timeUs } from '@capstan/domain';
import {
  drained,
  MemoryBus,
  MemoryLog,
  MemoryStore,
  MemoryWorkQueue,
  nullMeter,
  portErrors,
  VirtualClock,
} from '@capstan/testkit';
import { describe, expect, it, vi } from 'vitest';
import { SPEC_JSON, worldOf } from './backtest-world.fixture.ts';
import { LIMITS } from './limits.ts';
import type { JobWorld } from './run-job.ts';
import { BacktestService } from './service.ts';
import { type OpenWorld, Worker } from './worker.ts';

function makeWorld(open: OpenWorld = async () => worldOf(50)) {
  const clock = new VirtualClock(timeUs(1_704_301_200_000_000));
  const store = new MemoryStore();
  const bus = new MemoryBus(clock);
  const queue = new MemoryWorkQueue(clock);
  const log = new MemoryLog();
  const worker = new Worker({ store, bus, queue, clock, log, meter: nullMeter }, open);
  const service = new BacktestService({ store, queue, clock });
  const submit = async (specJson = SPEC_JSON) => {
    const { job } = await service.submitJob({ specJson, actor: 'ana' });
    if (job === undefined) throw new Error('expected a job');
    return job.jobId;
  };
  const until = async (what: string, isSo: () => boolean | Promise<boolean>) => {
    for (let turn = 0; turn < 500; turn += 1) {
      if (await isSo()) return;
      await drained();
      clock.wakeNext();
    }
    throw new Error(`never came: ${what}`);
  };
  const stateOf = async (jobId: string) => (await store.job(jobId))?.state;
  return { clock, store, bus, queue, log, worker, service, submit, until, stateOf };
}

describe('Worker', () => {
  it('computes a job, stores its result with a digest, and says so', async () => {
    const { worker, submit, until, stateOf, store, bus, queue } = makeWorld();
    const jobId = await submit();
    void worker.run();
    await until('the result', async () => (await stateOf(jobId)) === 'done');
    await until('an empty queue', () => queue.size === 0);
    const job = await store.job(jobId);
    expect(JSON.parse(job?.result ?? '')).toMatchObject({ bars: 100, slices: 50 });
    expect(job?.digest).toMatch(/^[0-9a-z]{20,}$/);
    const [event] = bus.messages('BACKTEST_EVENTS');
    expect(event?.subject).toBe(subjects.backtestEvent(jobId));
    expect(backtestService.BacktestEvent.decode(event?.data ?? new Uint8Array())).toMatchObject({
      state: 'done',
    });
  });

  it('fails a job that cannot be computed, with the reason, and goes on with the next', async () => {
    const broken = new AppError({ code: 'LAKE.FILE', why: 'there is no such file.' });
    const open = async (): Promise<JobWorld> => {
      throw broken;
    };
    const { worker, submit, until, stateOf, store, queue } = makeWorld(open);
    const jobId = await submit();
    const second = await submit(SPEC_JSON.replace('20', '21'));
    void worker.run();
    await until('both failed', async () => (await stateOf(second)) === 'failed');
    expect(await store.job(jobId)).toMatchObject({
      error: expect.stringContaining('no such file'),
    });
    await until('an empty queue', () => queue.size === 0);
  });

  it('gives a job back where waiting helps, and computes it then', async () => {
    let opened = 0;
    const open = async () => {
      opened += 1;
      if (opened === 1) throw portErrors.storeUnavailable('it is away.');
      return worldOf(20);
    };
    const { worker, submit, until, stateOf, log } = makeWorld(open);
    const jobId = await submit();
    void worker.run();
    await until('the result', async () => (await stateOf(jobId)) === 'done');
    expect(opened).toBe(2);
    expect(log.lines.map((line) => line.message)).toContain('a job is given back');
  });

  it('goes on when the queue gives way', async () => {
    const { worker, submit, until, stateOf, queue, log } = makeWorld();
    vi.spyOn(queue, 'take').mockRejectedValueOnce(portErrors.busUnavailable('it is away.'));
    const jobId = await submit();
    void worker.run();
    await until('the result', async () => (await stateOf(jobId)) === 'done');
    expect(log.lines.map((line) => line.message)).toContain('the work queue gave way');
  });

  it('gives the job in hand back when it is stopped, for another to compute', async () => {
    const long = worldOf(100);
    const world = makeWorld(async () => long);
    const jobId = await world.submit();
    const running = world.worker.run();
    await world.until('its start', async () => (await world.stateOf(jobId)) === 'running');
    const stopping = world.worker.stop();
    await world.until('the job back', () => world.clock.sleepers === 0);
    await Promise.all([stopping, running]);
    expect(await world.stateOf(jobId)).toBe('running');
    expect(world.queue.size).toBe(1);
  });

  it('says of a long job that it goes on', async () => {
    const world = makeWorld(async () => worldOf(100));
    const take = world.queue.take.bind(world.queue);
    let said = 0;
    vi.spyOn(world.queue, 'take').mockImplementation(async (options) =>
      (await take(options)).map((item) => ({
        ...item,
        working: async () => {
          said += 1;
          await item.working();
        },
      })),
    );
    const sleep = world.clock.sleep.bind(world.clock);
    vi.spyOn(world.clock, 'sleep').mockImplementation((ms, signal) =>
      sleep(ms === 0 ? LIMITS.heartbeatMs : ms, signal),
    );
    const jobId = await world.submit();
    void world.worker.run();
    await world.until('the result', async () => (await world.stateOf(jobId)) === 'done');
    expect(said).toBe(2);
  });
});

describe('BacktestService', () => {
  it('knows the same specification as the same job, and refuses one that cannot be used', async () => {
    const { worker, service, submit, until, stateOf, queue } = makeWorld();
    const jobId = await submit();
    expect(await submit()).toBe(jobId);
    expect(queue.size).toBe(1);
    expect(await submit(SPEC_JSON.replace('20', '21'))).not.toBe(jobId);
    await expect(service.submitJob({ specJson: '{}', actor: 'ana' })).rejects.toMatchObject({
      code: 'BACKTEST.SPEC',
    });
    void worker.run();
    await until('the result', async () => (await stateOf(jobId)) === 'done');
    expect((await service.submitJob({ specJson: SPEC_JSON, actor: 'ana' })).job).toMatchObject({
      state: 'done',
    });
  });

  it('tells of its jobs', async () => {
    const { service, submit } = makeWorld();
    const jobId = await submit();
    expect((await service.getJob({ jobId })).job).toMatchObject({ jobId, state: 'queued' });
    expect((await service.getJob({ jobId: 'nope' })).job).toBeUndefined();
    expect((await service.listJobs({ limit: 0 })).jobs).toHaveLength(1);
  });
});
