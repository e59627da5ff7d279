import { AppError } from '@capstan/domain';
import { expect, test } from 'vitest';
import { createLogger, type LoggerOptions } from './logger.ts';
import { lineRedactor } from './redact.ts';
import { Secret } from './secret.ts';

function logger(options: Partial<LoggerOptions> = {}) {
  const lines: string[] = [];
  const log = createLogger({
    service: 'risk',
    level: 'info',
    format: 'json',
    write: (line) => lines.push(line),
    ...options,
  });
  const last = (): Record<string, unknown> => JSON.parse(lines.at(-1) ?? '') as never;
  return { log, lines, last };
}

test('writes JSON with the service and well-known fields under their names', () => {
  const { log, last } = logger();
  log.child({ runId: 'live', correlationId: 'c-1' }).info('filled', { symbol: 'AAPL', big: 12n });
  expect(last()).toMatchObject({
    level: 'info',
    service: 'risk',
    run_id: 'live',
    correlation_id: 'c-1',
    symbol: 'AAPL',
    big: '12',
    msg: 'filled',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
});

test('names the run on every line, and a trace once however often it is bound', () => {
  const { log, lines, last } = logger({ runId: 'demo' });
  log.info('started');
  expect(last()).toMatchObject({ service: 'risk', run_id: 'demo' });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  log.child({ traceId, spanId: 'b7ad6b7169203331' }).warn('denied');
  expect(last()).toMatchObject({ trace_id: traceId, span_id: 'b7ad6b7169203331' });
  expect(lines.at(-1)?.split('trace_id')).toHaveLength(2);
});

test('keeps quiet below its level', () => {
  const { log, lines } = logger({ level: 'warn' });
  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');
  log.fatal('e');
  expect(lines).toHaveLength(3);
});

test('writes one human line in text', () => {
  const { log, lines } = logger({ format: 'text' });
  log.info('started', { httpPort: 8080 });
  expect(lines.join('')).toMatch(
    /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: risk: started \{"httpPort":8080\}\n$/,
  );
});

test('hides what a key names as secret, at any depth, but not a numeric token', () => {
  const { log, lines } = logger();
  log.info('x', {
    apiKey: 'sesame-1',
    nested: [{ Password: 'sesame-2', deep: { authorization: ['sesame-3'] } }],
    map: new Map([['client_secret', 'kept by position']]),
    wrapped: new Secret('sesame-4'),
    token: 17,
    bytes: new Uint8Array(3),
    when: new Date(0),
  });
  expect(lines.join('')).not.toContain('sesame');
  expect(lines.join('')).toContain('"token":17');
  expect(lines.join('')).toContain('[3 bytes]');
});

test.each(['text', 'json'] as const)(
  'hides registered secrets wherever they stand, as %s',
  (format) => {
    const key = '-----BEGIN-----\nline "one"\nline two\n-----END-----';
    const { log, lines } = logger({ format, secrets: ['s3cr3t-value', key, 'abc'] });
    const cause = new Error('refused s3cr3t-value');
    const error = new AppError({
      code: 'VENUE.AUTH',
      why: `key ${key} is wrong`,
      cause,
      details: { url: 'postgres://user:hunter2@db/x' },
    });
    log.error('login with s3cr3t-value abc', { error, header: `Bearer ${key}` });
    const all = lines.join('');
    for (const part of ['s3cr3t-value', 'line two', 'BEGIN', 'hunter2'])
      expect(all).not.toContain(part);
    expect(all).toContain('postgres://user:[redacted]@db');
    expect(all).toContain('VENUE.AUTH');
    expect(all).toContain('abc');
    expect(all).toContain('logger.test.ts');
  },
);

test('writes errors with their code, fix, stack and causes, and survives cycles', () => {
  const { log, last } = logger();
  const inner = new Error('inner');
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  log.error('x', {
    error: new AppError({ code: 'A.B', why: 'It broke.', fix: 'Mend it.', cause: inner }),
    circular,
  });
  expect(last()).toMatchObject({
    err: {
      code: 'A.B',
      why: 'It broke.',
      fix: 'Mend it.',
      retry: 'final',
      stack: expect.stringContaining('logger.test.ts'),
      cause: { type: 'Error', message: 'inner' },
    },
  });
  expect(JSON.stringify(last())).toContain('[deeper]');
});

test('leaves lines without secrets alone', () => {
  const redact = lineRedactor(['s3cr3t-value']);
  expect(redact('see http://host:80/path and a@b')).toBe('see http://host:80/path and a@b');
  expect(redact('https://h/?k=s3cr3t-value')).toBe('https://h/?k=[redacted]');
});
