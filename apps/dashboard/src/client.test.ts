import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { adoptToken, follow, get, onToken } from './client.ts';

interface Asked {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** A tab of a browser at an address, and a gateway whose streams a test writes. */
function open(address: string) {
  const kept = new Map<string, string>();
  const asked: Asked[] = [];
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  const shown = { href: address };
  const tab = new EventTarget();
  vi.stubGlobal('window', tab);
  vi.stubGlobal('location', shown);
  vi.stubGlobal('history', {
    replaceState: (_: unknown, __: string, url: URL) => {
      shown.href = url.href;
    },
  });
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  vi.stubGlobal('fetch', async (path: string, { headers = {} }: Partial<Asked>) => {
    asked.push({ path, headers });
    if (path !== '/api/events') return new Response('{}');
    return new Response(
      new ReadableStream({ start: (controller) => void streams.push(controller) }),
    );
  });
  const write = (text: string) => streams.at(-1)?.enqueue(new TextEncoder().encode(text));
  return { asked, streams, shown, tab, write };
}

beforeEach(() => void vi.unstubAllGlobals());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test.each(['https://desk.example/#token=s3cret', 'https://desk.example/?token=s3cret'])(
  'a token at %s leaves the address, and is shown in headers alone',
  async (address) => {
    const { asked, shown } = open(address);
    adoptToken();
    expect(shown.href).not.toContain('s3cret');
    await get('/api/overview');
    follow(
      () => undefined,
      () => undefined,
    ).close();
    const headers = expect.objectContaining({ authorization: 'Bearer s3cret' });
    expect(asked).toEqual([
      { path: '/api/overview', headers },
      { path: '/api/events', headers },
    ]);
  },
);

test('a token that comes into the address of an open page is taken, as nothing is loaded for it', async () => {
  const { asked, shown, tab } = open('https://desk.example/');
  let taken = 0;
  const end = onToken(() => {
    taken += 1;
  });
  const goTo = (href: string) => {
    shown.href = href;
    tab.dispatchEvent(new Event('hashchange'));
  };
  goTo('https://desk.example/#token=s3cret');
  expect([taken, shown.href]).toEqual([1, 'https://desk.example/']);
  await get('/api/overview');
  expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer s3cret' });
  goTo('https://desk.example/#orders');
  expect(taken).toBe(1);
  end();
  goTo('https://desk.example/#token=another');
  expect(taken).toBe(1);
});

test('an event that the page stumbles over is told, and those after it are heard', async () => {
  const { streams, write } = open('https://desk.example/');
  const told: unknown[] = [];
  vi.stubGlobal('reportError', (error: unknown) => told.push(error));
  const heard: string[] = [];
  const bug = new Error('no such bot');
  follow(
    ({ name }) => {
      if (name === 'bot') throw bug;
      heard.push(name);
    },
    () => heard.push('end'),
  );
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  write('event: bot\ndata: 1\n\nevent: beat\ndata: 1\n\n');
  await vi.waitFor(() => expect(heard).toEqual(['beat']));
  expect(told).toEqual([bug]);
});

test('an answer that is cut off is none', async () => {
  open('https://desk.example/');
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode('{"bots": ['));
      controller.error(new TypeError('network error'));
    },
  });
  vi.stubGlobal('fetch', async () => new Response(body));
  await expect(get('/api/bots')).rejects.toMatchObject({ problem: { code: 'NETWORK' } });
});

test('an answer that never comes is waited for no longer than the gateway takes', async () => {
  open('https://desk.example/');
  const waits: number[] = [];
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    waits.push(ms);
    return AbortSignal.abort();
  });
  vi.stubGlobal('fetch', (_: string, { signal }: { readonly signal?: AbortSignal }) =>
    signal?.aborted === true ? Promise.reject(signal.reason) : new Promise(() => undefined),
  );
  await expect(get('/api/bots')).rejects.toMatchObject({ problem: { code: 'NETWORK' } });
  expect(waits).toEqual([30_000]);
});

test('live events are heard until their stream ends, which is said once', async () => {
  const { streams, write } = open('https://desk.example/');
  const heard: string[] = [];
  let ends = 0;
  follow(
    ({ name, data }) => heard.push(`${name} ${data}`),
    () => {
      ends += 1;
    },
  );
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  write('event: hello\nda');
  write('ta: {}\n\nevent: beat\ndata: 1\n\n');
  await vi.waitFor(() => expect(heard).toEqual(['hello {}', 'beat 1']));
  expect(ends).toBe(0);
  streams[0]?.close();
  await vi.waitFor(() => expect(ends).toBe(1));
});

test('nothing is heard of events that are followed no more, nor that they have ended', async () => {
  const { streams, write } = open('https://desk.example/');
  const heard: string[] = [];
  const following = follow(
    ({ name }) => heard.push(name),
    () => heard.push('end'),
  );
  await vi.waitFor(() => expect(streams).toHaveLength(1));
  following.close();
  write('event: beat\ndata: 1\n\n');
  streams[0]?.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(heard).toEqual([]);
});
