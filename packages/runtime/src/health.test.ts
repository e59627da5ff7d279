import { expect, test, vi } from 'vitest';
import { createHealth } from './health.ts';
import { startHttp } from './http-server.ts';
import { startMetering } from './metering.ts';

test('goes from starting over started to draining, and never back', async () => {
  const health = createHealth();
  expect(health.live().ok).toBe(true);
  expect(health.started()).toMatchObject({ ok: false, phase: 'starting' });
  expect((await health.ready()).ok).toBe(false);
  health.setPhase('started');
  expect(health.started().ok).toBe(true);
  expect((await health.ready()).ok).toBe(true);
  health.setPhase('draining');
  health.setPhase('started');
  expect(health.phase).toBe('draining');
  expect(await health.ready()).toMatchObject({ ok: false, phase: 'draining' });
  expect(health.started().ok).toBe(true);
  expect(health.live().ok).toBe(true);
});

test('is not ready while a check fails, throws or hangs, and says which and why', async () => {
  vi.useFakeTimers();
  try {
    const health = createHealth();
    health.setPhase('started');
    health.addChecks({
      postgres: () => ({ ok: false, reason: 'no connection' }),
      nats: () => Promise.reject(new Error('closed')),
      lease: () => new Promise(() => undefined),
      disk: () => ({ ok: true }),
    });
    const report = health.ready();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await report).toEqual({
      ok: false,
      phase: 'started',
      checks: {
        disk: { ok: true },
        lease: { ok: false, reason: 'no answer within 1000 ms' },
        nats: { ok: false, reason: 'closed' },
        postgres: { ok: false, reason: 'no connection' },
      },
    });
  } finally {
    vi.useRealTimers();
  }
});

test('serves the probes, the metrics and the routes of the service', async () => {
  const health = createHealth();
  const metering = startMetering('tiny');
  const http = await startHttp({
    host: '127.0.0.1',
    port: 0,
    health,
    serveMetrics: metering.serve,
    redact: (text) => text.replaceAll('hunter22', '[redacted]'),
  });
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${http.port}${path}`, { method });
    return { status: response.status, text: await response.text() };
  };
  try {
    expect(await get('/health/live')).toMatchObject({ status: 200 });
    expect(await get('/health/started')).toMatchObject({ status: 503 });
    health.setPhase('started');
    expect(await get('/health/started?x=1')).toMatchObject({ status: 200 });
    expect(await get('/health/ready')).toMatchObject({ status: 200 });
    health.addChecks({ nats: () => ({ ok: false, reason: 'bad hunter22' }) });
    const ready = await get('/health/ready');
    expect(ready.status).toBe(503);
    expect(JSON.parse(ready.text)).toEqual({
      ok: false,
      phase: 'started',
      checks: { nats: { ok: false, reason: 'bad [redacted]' } },
    });
    expect((await get('/health/other')).status).toBe(404);
    expect((await get('/health/live', 'POST')).status).toBe(405);
    expect((await get('/orders')).status).toBe(404);
    http.handle((request, response) => response.end(`mine ${request.url}`));
    expect(await get('/orders')).toEqual({ status: 200, text: 'mine /orders' });
    expect((await get('/metrics')).text).toContain('process_resident_memory_bytes');
    await expect(
      startHttp({ host: '127.0.0.1', port: http.port, health, serveMetrics: metering.serve }),
    ).rejects.toMatchObject({
      code: 'RUNTIME.PORT_TAKEN',
      why: expect.stringContaining('EADDRINUSE'),
      fix: expect.stringContaining("'server.httpPort'"),
    });
  } finally {
    await http.stop(100);
    await metering.stop();
  }
});
