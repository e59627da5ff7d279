import { inspect } from 'node:util';
import type { InjectOptions } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../limits.ts';
import { ask, bearer, closeAll, open, post } from './app.test-support.ts';

afterEach(closeAll);

describe('who may ask', () => {
  const REMOTE = '10.1.2.3';
  type Row = readonly [string, { get: number; post: number }, InjectOptions];
  const rows: readonly Row[] = [
    ['this machine, by its own name', { get: 200, post: 200 }, {}],
    [
      'this machine over IPv6',
      { get: 200, post: 200 },
      { remoteAddress: '::1', headers: { host: '[::1]:8080' } },
    ],
    [
      'this machine under a foreign name',
      { get: 403, post: 403 },
      { headers: { host: 'evil.example' } },
    ],
    [
      'a proxy on this machine',
      { get: 401, post: 401 },
      { headers: { 'x-forwarded-for': '10.9.9.9' } },
    ],
    ['another machine', { get: 401, post: 401 }, { remoteAddress: REMOTE }],
    ['a viewer', { get: 200, post: 403 }, { remoteAddress: REMOTE, headers: bearer('look-token') }],
    [
      'an operator',
      { get: 200, post: 200 },
      { remoteAddress: REMOTE, headers: bearer('act-token') },
    ],
    ['a viewer on this machine', { get: 200, post: 403 }, { headers: bearer('look-token') }],
    ['an unknown token on this machine', { get: 401, post: 401 }, { headers: bearer('other') }],
    ['no bearer', { get: 401, post: 401 }, { headers: { authorization: 'Basic YTpi' } }],
    ['another page', { get: 403, post: 403 }, { headers: { 'sec-fetch-site': 'cross-site' } }],
    [
      'the page itself',
      { get: 200, post: 200 },
      { headers: { origin: 'http://localhost:8080', 'sec-fetch-site': 'same-origin' } },
    ],
    [
      'an old browser on another page',
      { get: 200, post: 403 },
      { headers: { origin: 'http://evil.example' } },
    ],
    ['a page without an origin', { get: 200, post: 403 }, { headers: { origin: 'null' } }],
  ];

  test.each(rows)('%s', async (_, expected, request) => {
    const one = await open();
    const got = await ask(one, '/api/bots', request);
    const posted = await post(one, '/api/bots/sma/pause', {}, request);
    expect({ get: got.status, post: posted.status }).toEqual(expected);
    const reached = one.services.called.map((call) => call.method);
    expect(reached.includes('pauseBot')).toBe(expected.post === 200);
    if (expected.get !== 200) {
      expect(got.body).toEqual({
        code: expect.stringMatching(/^GATEWAY\./),
        why: expect.any(String),
        fix: expect.stringMatching(/\w/),
      });
    }
    if (got.status === 401) expect(got.headers['www-authenticate']).toContain('Bearer');
  });

  test('this machine needs a token where the local operator is off', async () => {
    const one = await open({ localOperator: false });
    expect((await ask(one, '/api/bots')).status).toBe(401);
    expect((await ask(one, '/api/bots', { headers: bearer('look-token') })).status).toBe(200);
  });

  test('named hosts are the only ones, for tokens too', async () => {
    const one = await open({ hosts: ['desk.example'] });
    const headers = bearer('act-token');
    const at = (host: string) => ask(one, '/api/bots', { headers: { ...headers, host } });
    expect((await at('desk.example:443')).status).toBe(200);
    expect((await at('other.example')).status).toBe(403);
  });

  test('a token in the address counts for nothing but the live events', async () => {
    const one = await open({ localOperator: false });
    expect((await ask(one, '/api/bots?token=act-token')).status).toBe(401);
    expect((await ask(one, '/api/events?token=wrong')).status).toBe(401);
  });

  test('refuses a change that is not JSON', async () => {
    const one = await open();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = await ask(one, '/api/kill', {
      method: 'POST',
      payload: 'mode=hard',
      headers: form,
    });
    expect(sent).toMatchObject({ status: 415, body: { code: 'GATEWAY.CONTENT_TYPE' } });
    expect(one.services.called).toEqual([]);
  });

  test('slows down whoever asks too much, and sooner whoever guesses tokens', async () => {
    const one = await open();
    const guess = () => ask(one, '/api/bots', { headers: bearer('guess') });
    const guesses = Math.ceil(LIMITS.requestsBurst / (LIMITS.refusedLoginCost + 1));
    for (let index = 0; index < guesses; index += 1) expect((await guess()).status).toBe(401);
    const refused = await guess();
    expect(refused).toMatchObject({ status: 429, body: { code: 'GATEWAY.RATE' } });
    expect(refused.headers['retry-after']).toBe('1');
    expect((await ask(one, '/api/bots', { remoteAddress: '::1' })).status).toBe(200);
  });

  test('who guesses tokens behind a proxy does not keep those out who have one', async () => {
    const one = await open({ localOperator: false });
    const proxy = { remoteAddress: '10.0.0.7' };
    const known = { ...proxy, headers: { ...bearer('act-token'), 'x-forwarded-for': '10.9.9.9' } };
    expect((await ask(one, '/api/bots', known)).status).toBe(200);
    const guess = () => ask(one, '/api/bots', { ...proxy, headers: bearer('guess') });
    let guesses = 0;
    while ((await guess()).status === 401) guesses += 1;
    expect(guesses).toBeLessThanOrEqual(LIMITS.requestsBurst / LIMITS.refusedLoginCost);
    const stranger = { ...proxy, headers: bearer('look-token') };
    expect((await ask(one, '/api/bots', stranger)).status).toBe(429);
    const kill = { mode: 'hard', reason: 'drill' };
    expect((await post(one, '/api/kill', kill, known)).status).toBe(200);
    for (let index = 0; index < LIMITS.requestsBurst; index += 1)
      await ask(one, '/api/bots', known);
    expect((await ask(one, '/api/bots', known)).status).toBe(429);
  });

  test('a token is told to nobody who reads the log, wherever it stood', async () => {
    const one = await open({ localOperator: false });
    one.store.down = true;
    for (const path of ['/api/bots', '/api/events', '/api/nowhere', '/nowhere', '/'])
      await ask(one, `${path}?token=s3cret-token`, { headers: bearer('s3cret-token') });
    await ask(one, '/api/events?token=s3cret-token');
    expect(one.log.lines.length).toBeGreaterThan(0);
    expect(inspect(one.log.lines, { depth: 9 })).not.toContain('s3cret');
    const answers = await ask(one, '/nowhere?token=s3cret-token');
    expect(JSON.stringify(answers.body)).not.toContain('s3cret');
  });

  test('a known token still stops trading while the store is down, and an unknown one does not', async () => {
    const one = await open({ localOperator: false });
    const known = { headers: bearer('act-token') };
    expect((await ask(one, '/api/bots', known)).status).toBe(200);
    one.store.down = true;
    const kill = { mode: 'soft', reason: 'drill' };
    expect((await post(one, '/api/kill', kill, known)).status).toBe(200);
    expect((await post(one, '/api/unkill', {}, known)).status).toBe(503);
    expect((await post(one, '/api/kill', kill, { headers: bearer('look-token') })).status).toBe(
      503,
    );
    expect(one.services.called.map((call) => call.method)).toEqual(['listBots', 'kill']);
    expect(one.log.lines.map((line) => line.message)).toContain('audit could not be written');
  });
});
