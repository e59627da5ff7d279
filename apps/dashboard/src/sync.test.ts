import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EMPTY, reduce } from './state.ts';
import { Sync } from './sync.ts';

/** Longer than the gateway is ever silent. */
const SILENT_MS = 60_000;

const HELLO = new TextEncoder().encode('event: hello\ndata: {}\n\n');

/** A page whose gateway takes the question for live events and says nothing more. @param begin where it says so much. */
function open(begin?: Uint8Array) {
  const asked: string[] = [];
  const held: AbortSignal[] = [];
  vi.stubGlobal(
    'window',
    Object.assign(new EventTarget(), { setInterval, clearInterval, setTimeout, clearTimeout }),
  );
  vi.stubGlobal(
    'document',
    Object.assign(new EventTarget(), {
      visibilityState: begin === undefined ? 'hidden' : 'visible',
    }),
  );
  vi.stubGlobal('sessionStorage', { getItem: () => null });
  vi.stubGlobal('fetch', (path: string, { signal }: { readonly signal?: AbortSignal } = {}) => {
    asked.push(path);
    if (path === '/api/bots') return Promise.reject(new TypeError('network error'));
    if (path !== '/api/events') return Promise.resolve(new Response('{}', { status: 503 }));
    if (begin !== undefined)
      return Promise.resolve(
        new Response(new ReadableStream({ start: (controller) => controller.enqueue(begin) })),
      );
    if (signal !== undefined) held.push(signal);
    return new Promise(() => undefined);
  });
  let state = EMPTY;
  const sync = new Sync(
    (action) => {
      state = reduce(state, action);
    },
    () => state,
  );
  return { asked, held, sync, connection: () => state.connection };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('live events that never begin are given up and asked for anew', async () => {
  const { asked, held, sync, connection } = open();
  const end = sync.start();
  expect(asked).toEqual(['/api/events']);
  await vi.advanceTimersByTimeAsync(SILENT_MS);
  expect(connection()).toBe('lost');
  expect(held[0]?.aborted).toBe(true);
  expect(asked).toContain('/api/overview');
  end();
});

test('a part whose answer was cut off is read again while the events go on', async () => {
  const { asked, sync, connection } = open(HELLO);
  const end = sync.start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(connection()).toBe('live');
  expect(asked.filter((path) => path === '/api/bots').length).toBeGreaterThan(2);
  end();
});
