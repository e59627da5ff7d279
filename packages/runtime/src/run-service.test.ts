import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';

type Line = Readonly<Record<string, unknown>>;

/** A running tiny service and what it says. */
interface Tiny {
  readonly child: ChildProcess;
  readonly lines: Line[];
  /** Everything written to standard error. */
  stderr(): string;
  /** Waits for a log line with this message. */
  said(message: string): Promise<Line>;
  readonly exitCode: Promise<number | null>;
}

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

function start(env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Tiny {
  const hook = ['--import', pathOf('./hook.ts')];
  const child = spawn(process.execPath, [...hook, pathOf('./tiny-service.fixture.ts'), ...args], {
    cwd: '/',
    env: {
      PATH: process.env.PATH,
      CAPSTAN_LOG__FORMAT: 'json',
      CAPSTAN_SERVER__HTTP_PORT: '0',
      CAPSTAN_SERVER__GRPC_PORT: '0',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines: Line[] = [];
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const waiting: { message: string; resolve: (line: Line) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    for (const waiter of waiting) if (waiter.message === line.msg) waiter.resolve(line);
  });
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said = (message: string): Promise<Line> =>
    new Promise((resolve, reject) => {
      const known = lines.find((line) => line.msg === message);
      if (known !== undefined) resolve(known);
      waiting.push({ message, resolve });
      void exitCode.then(() =>
        reject(new Error(`never said '${message}': ${JSON.stringify(lines)} ${errors}`)),
      );
    });
  return { child, lines, stderr: () => errors, said, exitCode };
}

const messages = (tiny: Tiny): unknown[] => tiny.lines.map((line) => line.msg);

test('starts, answers its probes and routes, and drains on SIGTERM', async () => {
  const tiny = start({ CAPSTAN_SIGNAL__API_KEY: 'hunter2-hunter2' });
  const { httpPort } = await tiny.said('started');
  const get = async (path: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${httpPort}${path}`)).text();
  expect(JSON.parse(await get('/health/ready'))).toMatchObject({ ok: true, phase: 'started' });
  expect(await get('/orders')).toBe('tiny /orders');
  expect(await get('/metrics')).toContain('process_cpu_seconds_total');
  tiny.child.kill('SIGTERM');
  expect(await tiny.exitCode).toBe(0);
  expect(messages(tiny)).toEqual([
    'wired',
    'started',
    'draining',
    'draining work',
    'drained',
    'stopped',
  ]);
  expect(tiny.lines[0]).toMatchObject({ service: 'tiny', spoken: '[redacted]' });
  expect(JSON.stringify(tiny.lines)).not.toContain('hunter2');
});

test('ends at the deadline when the work does not', async () => {
  const tiny = start({ TINY: 'hangs', CAPSTAN_SERVER__DRAIN_DEADLINE_MS: '50' });
  await tiny.said('started');
  tiny.child.kill('SIGINT');
  expect(await tiny.exitCode).toBe(0);
  expect(messages(tiny)).toContain('work in hand did not end in time');
});

test('ends at once on a second signal', async () => {
  const tiny = start({ TINY: 'hangs' });
  await tiny.said('started');
  tiny.child.kill('SIGTERM');
  await tiny.said('draining work');
  tiny.child.kill('SIGTERM');
  expect(await tiny.exitCode).toBe(143);
});

test.each([
  ['bug-at-start', 'two is two', 'InvariantError'],
  ['rejects', 'nobody caught this', 'Error'],
  ['throws', 'one is one', 'InvariantError'],
  ['crashes', 'a text', 'Error'],
])(
  'ends with 70 after a bug (%s), having logged its stack and drained',
  async (behaviour, message, type) => {
    const tiny = start({ TINY: behaviour });
    expect(await tiny.exitCode).toBe(70);
    const fatal = tiny.lines.find((line) => line.level === 'fatal');
    expect(fatal).toMatchObject({
      msg: 'bug: ending',
      err: { type, message, stack: expect.stringContaining('    at ') },
    });
    expect(messages(tiny)).toContain('drained');
  },
);

test('ends with 70 when the drain itself meets a bug', async () => {
  const tiny = start({ TINY: 'fails-to-drain' });
  await tiny.said('started');
  tiny.child.kill('SIGTERM');
  expect(await tiny.exitCode).toBe(70);
  expect(messages(tiny)).toContain('could not drain cleanly');
});

test('ends with 1 and one clear line when it cannot start', async () => {
  const tiny = start({ TINY: 'refuses' });
  expect(await tiny.exitCode).toBe(1);
  expect(tiny.lines.filter((line) => line.level === 'error')).toEqual([
    expect.objectContaining({
      msg: 'cannot start: The broker is away. Wait.',
      code: 'TINY.AWAY',
    }),
  ]);
});

test('ends with 2 for a wrong configuration or argument', async () => {
  const wrong = start({ CAPSTAN_SIGNAL__BOTS: '0' });
  expect(await wrong.exitCode).toBe(2);
  expect(wrong.stderr()).toContain("CAPSTAN_SIGNAL__BOTS: 'signal.bots' is 0");
  const usage = start({}, ['--fast']);
  expect(await usage.exitCode).toBe(2);
  expect(usage.stderr()).toBe(
    "tiny: RUNTIME.USAGE: Unknown argument '--fast'. Usage: [--config <file>]\n",
  );
});

test('drains and ends when its supervisor goes away', async () => {
  const tiny = start({ CAPSTAN_SUPERVISED: '1' });
  await tiny.said('started');
  tiny.child.stdin?.end();
  expect(await tiny.exitCode).toBe(0);
  expect(messages(tiny)).toContain('drained');
});

test('sends its spans to the collector under the trace of the message', async () => {
  const received: string[] = [];
  const collector = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      received.push(`${request.url} ${body}`);
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = collector.address() as AddressInfo;
    const tiny = start({
      TINY: 'traces',
      CAPSTAN_TELEMETRY__OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    await tiny.said('started');
    tiny.child.kill('SIGTERM');
    expect(await tiny.exitCode).toBe(0);
    const traced = tiny.lines.find((line) => line.msg === 'traced');
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    expect(traced).toMatchObject({
      trace_id: traceId,
      headers: { traceparent: `00-${traceId}-${String(traced?.span_id)}-01` },
    });
    const sent = received.find((text) => text.includes('tiny-step')) ?? '';
    expect(sent).toMatch(/^\/v1\/traces /);
    expect(sent).toContain(traceId);
    expect(sent).toContain(String(traced?.span_id));
  } finally {
    await new Promise((resolve) => collector.close(resolve));
  }
});

test('records nothing, and passes the trace on as it came, unless it is told to', async () => {
  const tiny = start({ TINY: 'traces' });
  const traced = await tiny.said('traced');
  expect(traced.headers).toEqual({
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  });
  expect(traced.trace_id).toBeUndefined();
});
