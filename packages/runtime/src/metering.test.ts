import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AppError } from '@capstan/domain';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HANDLER_DURATION, type Metering, startMetering, timed } from './metering.ts';

let metering: Metering;
beforeEach(() => {
  metering = startMetering('tiny', {
    capstan_tiny_bars_total: { help: 'Bars that came.' },
    capstan_tiny_size: { help: 'Sizes.', buckets: [2, 4] },
  });
});
afterEach(() => metering.stop());

async function page(accept = '*/*'): Promise<string> {
  const server = createServer((request, response) => metering.serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const text = await (
    await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { accept } })
  ).text();
  await new Promise((resolve) => server.close(resolve));
  return text;
}

test('shows what was counted, gauged and observed in the Prometheus text format', async () => {
  const { meter } = metering;
  meter.count('capstan_tiny_bars_total', 2, { symbol: 'AAPL' });
  meter.count('capstan_tiny_bars_total', 1, { symbol: 'AAPL' });
  meter.gauge('capstan_tiny_lag_seconds', 1.5);
  meter.observe('capstan_tiny_size', 3);
  meter.observe('capstan_tiny_latency_ms', 3);
  const text = await page();
  expect(text).toContain('# HELP capstan_tiny_bars_total Bars that came.');
  expect(text).toContain('# TYPE capstan_tiny_bars_total counter');
  expect(text).toMatch(/^capstan_tiny_bars_total\{symbol="AAPL"\} 3$/m);
  expect(text).toMatch(/^capstan_tiny_lag_seconds 1\.5$/m);
  expect(text).toMatch(/^capstan_tiny_size_bucket\{le="2"\} 0$/m);
  expect(text).toMatch(/^capstan_tiny_size_bucket\{le="4"\} 1$/m);
  expect(text).toMatch(/^capstan_tiny_latency_ms_bucket\{le="2\.5"\} 0$/m);
  expect(text).toMatch(/^capstan_tiny_latency_ms_bucket\{le="5"\} 1$/m);
});

test('measures rate, errors and duration of handlers by outcome', async () => {
  let nowMs = 0;
  const by = { meter: metering.meter, clock: { monotonicMs: () => nowMs } };
  const took = (ms: number, error?: Error) => async (): Promise<string> => {
    nowMs += ms;
    if (error !== undefined) throw error;
    return 'done';
  };
  expect(await timed(by, 'onBar', took(3))).toBe('done');
  const refused = new AppError({ code: 'VENUE.TIMEOUT', why: 'late' });
  await expect(timed(by, 'onBar', took(40, refused))).rejects.toBe(refused);
  await expect(timed(by, 'onBar', took(1, new Error('x')))).rejects.toThrow('x');
  const text = await page();
  const line = (what: string, outcome: string, value: string): RegExp =>
    new RegExp(
      `^${HANDLER_DURATION}_${what}\\{handler="onBar",outcome="${outcome}"\\} ${value}$`,
      'm',
    );
  expect(text).toMatch(line('count', 'ok', '1'));
  expect(text).toMatch(line('sum', 'VENUE\\.TIMEOUT', '0\\.04'));
  expect(text).toMatch(line('count', 'bug', '1'));
});

const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5';
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const traceparent = (flags: string) => `00-${TRACE_ID}-b7ad6b7169203331-${flags}`;

test('shows who asks for OpenMetrics the trace of the last recorded value of each bucket', async () => {
  const { meter } = metering;
  meter.count('capstan_tiny_bars_total', 2, { symbol: 'A"B' });
  meter.gauge('capstan_tiny_lag_seconds', 1.5);
  meter.observe('capstan_tiny_size', 3, { role: 'bot' }, { traceparent: traceparent('00') });
  meter.observe('capstan_tiny_size', 1, { role: 'bot' }, { traceparent: traceparent('01') });
  meter.observe('capstan_tiny_size', 9, { role: 'bot' }, {});
  const text = await page(OPEN_METRICS);
  expect(text).toContain('# TYPE capstan_tiny_bars counter\n');
  expect(text).toContain('# HELP capstan_tiny_bars Bars that came.\n');
  expect(text).toContain('capstan_tiny_bars_total{symbol="A\\"B"} 2\n');
  expect(text).toMatch(/^capstan_tiny_lag_seconds 1\.5$/m);
  const at = String.raw`\d{10}(\.\d+)?`;
  expect(text).toMatch(
    new RegExp(
      `^capstan_tiny_size_bucket\\{role="bot",le="2"\\} 1 # \\{trace_id="${TRACE_ID}",span_id="b7ad6b7169203331"\\} 1 ${at}$`,
      'm',
    ),
  );
  expect(text).toMatch(/^capstan_tiny_size_bucket\{role="bot",le="4"\} 2$/m);
  expect(text).toMatch(/^capstan_tiny_size_bucket\{role="bot",le="\+Inf"\} 3$/m);
  expect(text).toMatch(/^capstan_tiny_size_count\{role="bot"\} 3$/m);
  expect(text.endsWith('\n# EOF\n')).toBe(true);
  expect(await page()).not.toContain('trace_id');
});

test('asks who looks before each page, and does not wait for one that fails or stands still', async () => {
  let looks = 0;
  metering.declare({ capstan_tiny_depth: { help: 'How deep.' } });
  metering.beforePage(async () => {
    looks += 1;
    await Promise.resolve();
    metering.meter.gauge('capstan_tiny_depth', looks);
  });
  metering.beforePage(() => Promise.reject(new Error('away')));
  expect(await page()).toMatch(/^capstan_tiny_depth 1$/m);
  metering.beforePage(() => new Promise(() => undefined));
  const text = await page();
  expect(text).toMatch(/^capstan_tiny_depth 2$/m);
  expect(text).toContain('# HELP capstan_tiny_depth How deep.');
});

test('says which service it is', async () => {
  expect(await page()).toMatch(/^capstan_service_info\{service="tiny"\} 1$/m);
});

test('measures the process itself', async () => {
  const text = await page();
  expect(text).toMatch(/^process_resident_memory_bytes \d{6,}$/m);
  expect(text).toMatch(/^process_cpu_seconds_total [\d.]+$/m);
  expect(text).toMatch(/^nodejs_eventloop_delay_p99_seconds [\d.e-]+$/m);
  expect(text).toMatch(/^process_start_time_seconds \d{10}$/m);
});
