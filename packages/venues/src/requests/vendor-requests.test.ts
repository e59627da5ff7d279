import { timeUs, US_PER_SECOND } from '@capstan/domain';
import { VirtualClock } from '@capstan/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { RequestBudget } from './request-budget.ts';
import {
  AnswerCutOff,
  RequestTimeout,
  type SendRequest,
  VendorRequests,
} from './vendor-requests.ts';

const NOW_US = timeUs(1_700_000_000 * US_PER_SECOND);
const flights: { stop(): void }[] = [];
afterEach(() => {
  for (const flight of flights.splice(0)) flight.stop();
});

const limited = (headers: Record<string, string>) => new Response('{}', { status: 429, headers });

/** A vendor that gives these answers one after the other, the last for ever, and notes when it was asked. */
function vendor(answers: readonly (() => Response | Promise<Response>)[]) {
  const clock = new VirtualClock(NOW_US);
  flights.push(clock.fly());
  const askedMs: number[] = [];
  const send: SendRequest = async (_url, init) => {
    const answer = answers[Math.min(askedMs.length, answers.length - 1)];
    askedMs.push(clock.monotonicMs());
    const given = answer?.() ?? Response.error();
    const gone = new Promise<never>((_resolve, reject) => {
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error));
    });
    return Promise.race([given, gone]);
  };
  const budget = new RequestBudget(clock, { perMinute: 60_000 });
  const requests = new VendorRequests({ clock, budget, send, random: () => 0.5 }, { kind: 'live' });
  return { clock, budget, askedMs, requests };
}

const ok = () => new Response('whole', { headers: { 'content-length': '5' } });
const down = () => new Response('down', { status: 503 });

describe('a request to a vendor', () => {
  it('is sent again with growing waits where the failure may pass, and only if it reads', async () => {
    const reading = vendor([down, down, ok]);
    expect(await (await reading.requests.fetch('http://v/a')).text()).toBe('whole');
    expect(reading.askedMs).toEqual([0, 250, 750]);
    const writing = vendor([down, ok]);
    expect((await writing.requests.fetch('http://v/a', { method: 'POST' })).status).toBe(503);
    expect(writing.askedMs).toHaveLength(1);
  });

  it('gives the last answer, or throws the last failure, after all attempts', async () => {
    const failing = vendor([down]);
    expect((await failing.requests.fetch('http://v/a')).status).toBe(503);
    expect(failing.askedMs).toHaveLength(5);
    const refusing = vendor([() => Promise.reject(new TypeError('fetch failed'))]);
    await expect(refusing.requests.fetch('http://v/a')).rejects.toThrow('fetch failed');
    expect(refusing.askedMs).toHaveLength(5);
  });

  it('is not sent again where the vendor says no', async () => {
    const { requests, askedMs } = vendor([() => new Response('no', { status: 403 })]);
    expect((await requests.fetch('http://v/a')).status).toBe(403);
    expect(askedMs).toHaveLength(1);
  });

  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': new Date(1_700_000_009_000).toUTCString() }, 9_000],
    [{ 'x-ratelimit-reset': '1700000004' }, 4_000],
    [{ 'retry-after': 'soon' }, 250],
  ])(
    'comes back when the vendor says, and so does all else of the budget: %o',
    async (headers, ms) => {
      const { requests, askedMs, budget } = vendor([() => limited(headers), ok]);
      const pause = vi.spyOn(budget, 'pause');
      expect((await requests.fetch('http://v/a')).status).toBe(200);
      expect(askedMs).toEqual([0, ms]);
      expect(pause).toHaveBeenCalledExactlyOnceWith('live', ms);
    },
  );

  it('is told at once where the vendor would be asked again in hours', async () => {
    const { requests, askedMs } = vendor([() => limited({ 'retry-after': '7200' })]);
    expect((await requests.fetch('http://v/a')).status).toBe(429);
    expect(askedMs).toHaveLength(1);
  });

  it('that gets no answer ends by its time', async () => {
    const { requests, askedMs } = vendor([() => new Promise<Response>(() => undefined), ok]);
    const post = requests.fetch('http://v/a', { method: 'POST' });
    await expect(post).rejects.toBeInstanceOf(RequestTimeout);
    expect(askedMs).toHaveLength(1);
    expect((await requests.fetch('http://v/a')).status).toBe(200);
  });

  it('whose answer is cut off is sent again, and says so where it stays', async () => {
    const torn = () =>
      new Response(
        new ReadableStream({
          start: (controller) => {
            controller.enqueue(new TextEncoder().encode('{"bars":'));
            controller.error(new TypeError('terminated'));
          },
        }),
      );
    const once = vendor([torn, ok]);
    expect(await (await once.requests.fetch('http://v/a')).text()).toBe('whole');
    const always = vendor([torn]);
    await expect(always.requests.fetch('http://v/a')).rejects.toBeInstanceOf(AnswerCutOff);
    expect(always.askedMs).toHaveLength(5);
  });

  it('ends with its caller', async () => {
    const { requests, askedMs } = vendor([down]);
    const over = new AbortController();
    const asked = requests.fetch('http://v/a', { signal: over.signal });
    over.abort(new Error('enough'));
    await expect(asked).rejects.toThrow('enough');
    expect(askedMs.length).toBeLessThan(2);
  });
});
