import { backtestService, subjects, WORK_CONSUMER } from '@capstan/contracts';
import { AppError, timeUs } from '@capstan/domain';
import type { Clock } from '@capstan/ports';
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
import { BusyClock } from './busy-clock.fixture.ts';
import type { JobWorld } from './run-job.ts';
import { BacktestService } from './service.ts';
import { type OpenWorld, Worker } from './worker.ts';

const START_US = timeUs(1_704_301_200_000_000);

function makeWorld(open: OpenWorld = async () => worldOf(50)) {
  const clock = new VirtualClock(START_US);
  return { ...makeWorldOn(clock, clock, open), clock };
}

/** @param clock that the worker looks at. @param virtual that is moved. */
function makeWorldOn(clock: Clock, virtual: VirtualClock, open: OpenWorld) {
  const store = new MemoryStore();
  const bus = new MemoryBus(virtual);
  const queue = new MemoryWorkQueue(virtual);
  const log = new MemoryLog();
  const ports = { store, bus, queue, clock, log, meter: nullMeter };
  const worker = new Worker(ports, open);
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
      virtual.wakeNext();
    }
    throw new Error(`never came: ${what}`);
  };
  const stateOf = async (jobId: string) => (await store.job(jobId))?.state;
  return { ports, store, bus, queue, log, worker, service, submit, until, stateOf };
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

  it('gives the job in hand back when it is stopped within a run, for another to compute', async () => {
    const world = makeBusyWorld();
    const jobId = await world.submit(BY_BAR);
    const running = world.worker.run();
    await world.until('a look up within the run', () => world.saidOf(jobId).length > 0);
    let isOver = false;
    const stopping = world.worker.stop().then(() => {
      isOver = true;
    });
    await world.until('its end', () => isOver);
    await Promise.all([stopping, running]);
    expect(await world.stateOf(jobId)).toBe('running');
    expect(world.queue.size).toBe(1);
  });

  it('keeps a job that runs longer than the queue waits, and says how far it is', async () => {
    const world = makeBusyWorld();
    const other = new Worker({ ...world.ports, clock: world.clock.virtual }, neverOpened);
    const jobId = await world.submit(BY_BAR);
    const beganMs = world.clock.virtual.monotonicMs();
    void world.worker.run();
    await world.until('its start', async () => (await world.stateOf(jobId)) === 'running');
    void other.run();
    await world.until('the result', async () => (await world.stateOf(jobId)) === 'done');
    expect(world.clock.virtual.monotonicMs() - beganMs).toBeGreaterThan(
      3 * WORK_CONSUMER.ackWaitMs,
    );
    const said = world.saidOf(jobId);
    expect(said.at(-1)).toMatchObject({ state: 'done', doneFraction: 1 });
    const fractions = said.slice(0, -1).map(({ doneFraction }) => doneFraction);
    expect(fractions.length).toBeGreaterThan(3);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(said[0]).toMatchObject({
      state: 'running',
      message: expect.stringMatching(/^\d+ % done$/),
    });
  });

  it('keeps a job whose bars take longer to read than the queue waits', async () => {
    const read = Promise.withResolvers<JobWorld>();
    const { clock, worker, submit, until, stateOf, ports } = makeWorld(() => read.promise);
    const other = new Worker(ports, neverOpened);
    const jobId = await submit();
    void worker.run();
    await until('its start', async () => (await stateOf(jobId)) === 'running');
    void other.run();
    await clock.advance(3 * WORK_CONSUMER.ackWaitMs);
    read.resolve(worldOf(50));
    await until('the result', async () => (await stateOf(jobId)) === 'done');
  });

  it('goes on with a job whose progress nobody can be told', async () => {
    const world = makeBusyWorld();
    const publish = world.bus.publish.bind(world.bus);
    vi.spyOn(world.bus, 'publish').mockImplementation((messages) =>
      world.refusing.now
        ? Promise.reject(portErrors.busUnavailable('it is away.'))
        : publish(messages),
    );
    world.refusing.now = true;
    const jobId = await world.submit(BY_BAR);
    void world.worker.run();
    const isWarned = () =>
      world.log.lines.some(({ message }) => message === 'how far a job is could not be told');
    await world.until('a warning', isWarned);
    world.refusing.now = false;
    await world.until('the result', async () => (await world.stateOf(jobId)) === 'done');
  });
});

/** A job whose strategy is asked bar by bar, in many pieces. */
const BY_BAR = JSON.stringify({ bars: 'bars.csv', strategy: 'rsi-reversion' });
/** Milliseconds that a look at the clock costs a worker that is busy. */
const WORK_MS = 9_000;

function makeBusyWorld() {
  const clock = new BusyClock(timeUs(1_704_301_200_000_000), WORK_MS);
  const base = makeWorldOn(clock, clock.virtual, async () => worldOf(20_000));
  const saidOf = (jobId: string) =>
    base.bus
      .messages('BACKTEST_EVENTS')
      .filter(({ subject }) => subject === subjects.backtestEvent(jobId))
      .map(({ data }) => backtestService.BacktestEvent.decode(data));
  return { ...base, clock, saidOf, refusing: { now: false } };
}

const neverOpened: OpenWorld = () => Promise.reject(new Error('the job was given to another'));

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
