import { AppError, assert } from '@capstan/domain';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineConfig } from './config.ts';
import type { Host, StopSignal } from './host.ts';
import { runService } from './run-service.ts';
import type { ServiceContext, WiredService } from './service-plan.ts';

const configSchema = defineConfig({
  signal: z.object({ bots: z.int().min(1).default(1).describe('How many.') }),
});

/** A host that a test plays. */
function testHost(environment: Readonly<Record<string, string>> = {}, args: string[] = []) {
  const lines: Record<string, unknown>[] = [];
  const complaints: string[] = [];
  const exited = Promise.withResolvers<number>();
  let signal: (name: StopSignal) => void = () => undefined;
  let uncaught: (error: unknown) => void = () => undefined;
  let inputEnd: (() => void) | undefined;
  const host: Host = {
    args,
    environment: {
      CAPSTAN_LOG__FORMAT: 'json',
      CAPSTAN_SERVER__HTTP_PORT: '0',
      CAPSTAN_SERVER__GRPC_PORT: '0',
      ...environment,
    },
    onSignal: (listener) => {
      signal = listener;
    },
    onUncaught: (listener) => {
      uncaught = listener;
    },
    onInputEnd: (listener) => {
      inputEnd = listener;
    },
    complain: (text) => void complaints.push(text),
    writeLog: (line) => void lines.push(JSON.parse(line)),
    exit: (code) => exited.resolve(code),
  };
  return {
    host,
    complaints,
    exited: exited.promise,
    messages: () => lines.map((line) => line.msg),
    lines,
    signal: (name: StopSignal) => signal(name),
    uncaught: (error: unknown) => uncaught(error),
    inputEnd: () => inputEnd?.(),
    isSupervised: () => inputEnd !== undefined,
  };
}

type Context = ServiceContext<unknown>;

const plan = (
  wired: Partial<WiredService>,
  onWire: (context: Context) => void = () => undefined,
) => ({
  name: 'tiny',
  configSchema,
  wire: (context: Context): WiredService => {
    onWire(context);
    return { start: async () => undefined, drain: async () => undefined, ...wired };
  },
});

test('goes from wiring to started to drained, with its checks and ports', async () => {
  const played = testHost();
  let context: Context | undefined;
  let drains = 0;
  await runService(
    plan(
      {
        checks: { nats: () => ({ ok: true }) },
        drain: async () => {
          drains += 1;
          expect(context?.health.phase).toBe('draining');
        },
      },
      (given) => {
        context = given;
        expect(given.health.phase).toBe('starting');
      },
    ),
    played.host,
  );
  expect(await context?.health.ready()).toEqual({
    ok: true,
    phase: 'started',
    checks: { nats: { ok: true } },
  });
  expect(context?.httpPort).toBeGreaterThan(0);
  expect(context?.configFile).toBeUndefined();
  expect(played.isSupervised()).toBe(false);
  played.signal('SIGINT');
  expect(await played.exited).toBe(0);
  expect(drains).toBe(1);
  expect(played.messages()).toEqual(['started', 'draining', 'stopped']);
});

test('gives up at the drain deadline, and at once on a second signal', async () => {
  const hanging = { drain: () => new Promise<void>(() => undefined) };
  const late = testHost({ CAPSTAN_SERVER__DRAIN_DEADLINE_MS: '20' });
  await runService(plan(hanging), late.host);
  late.signal('SIGTERM');
  expect(await late.exited).toBe(0);
  expect(late.messages()).toContain('work in hand did not end in time');

  const twice = testHost({ CAPSTAN_SERVER__DRAIN_DEADLINE_MS: '200' });
  await runService(plan(hanging), twice.host);
  twice.signal('SIGTERM');
  twice.signal('SIGINT');
  expect(await twice.exited).toBe(130);
});

test('ends with 70 after bugs of every kind', async () => {
  const uncaught = testHost();
  await runService(plan({}), uncaught.host);
  uncaught.uncaught(new TypeError('x is undefined'));
  uncaught.uncaught('another');
  expect(await uncaught.exited).toBe(70);
  expect(uncaught.lines.filter((line) => line.level === 'fatal')).toMatchObject([
    { err: { type: 'TypeError', stack: expect.stringContaining('service-life.test.ts') } },
    { err: { message: 'another' } },
  ]);

  const atStart = testHost();
  await runService(plan({ start: async () => assert(false, 'broken') }), atStart.host);
  expect(await atStart.exited).toBe(70);

  const reported = testHost();
  await runService(
    plan({}, (context) => context.crash(new Error('loop'))),
    reported.host,
  );
  expect(await reported.exited).toBe(70);

  const onTheWayOut = testHost();
  const late = { drain: async () => onTheWayOut.uncaught(new Error('late')) };
  await runService(plan(late), onTheWayOut.host);
  onTheWayOut.signal('SIGTERM');
  expect(await onTheWayOut.exited).toBe(70);
});

test('tells operating failures from bugs, at the start and while draining', async () => {
  const away = new AppError({ code: 'TINY.AWAY', why: 'It is away.' });
  const atStart = testHost();
  await runService(plan({ start: () => Promise.reject(away) }), atStart.host);
  expect(await atStart.exited).toBe(1);
  expect(atStart.messages()).toEqual(['cannot start: It is away.', 'stopped']);

  const draining = testHost();
  await runService(plan({ drain: () => Promise.reject(away) }), draining.host);
  draining.signal('SIGTERM');
  expect(await draining.exited).toBe(1);

  const buggy = testHost();
  await runService(plan({ drain: () => Promise.reject(new Error('x')) }), buggy.host);
  buggy.signal('SIGTERM');
  expect(await buggy.exited).toBe(70);
});

test('ends with 2 before it does anything when it is configured wrongly', async () => {
  const wrong = testHost({ CAPSTAN_SIGNAL__BOTS: 'many' });
  const refuse = plan({}, () => assert(false, 'must not be wired'));
  await runService(refuse, wrong.host);
  expect(await wrong.exited).toBe(2);
  expect(wrong.complaints[0]).toContain(
    `CAPSTAN_SIGNAL__BOTS: 'signal.bots' is "many"; allowed: integer at least 1.`,
  );
  const absent = testHost({}, ['--config', '/no/such/file.yaml']);
  await runService(refuse, absent.host);
  expect(await absent.exited).toBe(2);
  expect(absent.complaints[0]).toContain('tiny: CONFIG.FILE: ');
});

test('drains when its supervisor goes away, once', async () => {
  const played = testHost({ CAPSTAN_SUPERVISED: '1' });
  let drains = 0;
  const counted = {
    drain: async () => {
      drains += 1;
    },
  };
  await runService(plan(counted), played.host);
  played.inputEnd();
  played.inputEnd();
  expect(await played.exited).toBe(0);
  expect(drains).toBe(1);
  expect(played.messages()).toContain('the supervisor is gone: draining');
});

test('does not call itself started when it was stopped meanwhile', async () => {
  const played = testHost();
  const stopped = {
    start: async () => played.signal('SIGTERM'),
  };
  await runService(plan(stopped), played.host);
  expect(await played.exited).toBe(0);
  expect(played.messages()).not.toContain('started');
});
