import { MemoryLog } from '@capstan/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Resource } from '../cluster.ts';
import { BOT_SPEC } from '../operator-world.fixture.ts';
import { FakeApi } from './fake-api.fixture.ts';
import { KubeCluster } from './kube-cluster.ts';

const NEVER_MS = 60_000;
const PATIENCE = { againMs: 10, answerMs: 5_000 };
const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function open({
  refuses,
  patience = PATIENCE,
}: {
  refuses?: number;
  patience?: object;
} = {}) {
  const api = new FakeApi();
  api.refuses = refuses;
  const log = new MemoryLog();
  const cluster = new KubeCluster(await api.open(), 'trading', log, { ...PATIENCE, ...patience });
  closing.push(async () => {
    await cluster.stop();
    await api.close();
  });
  await cluster.start();
  const bot = (name = 'trend'): Resource<'Bot'> => {
    const found = cluster.resources('Bot').find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} has not been heard of`);
    return found;
  };
  const heard = async (name = 'trend') => {
    await vi.waitFor(() => bot(name));
    return bot(name);
  };
  const ending = new AbortController();
  closing.push(async () => ending.abort());
  const changed = () => cluster.changed(NEVER_MS, ending.signal);
  return { api, cluster, log, bot, heard, changed };
}

describe('the resources of a namespace', () => {
  it('are listed, and followed from then on', async () => {
    const { api, cluster, heard, changed } = await open();
    const wake = changed();
    api.apply('trend', BOT_SPEC, { annotations: { 'capstan.dev/adopt': 'true' } });
    await wake;
    expect(await heard()).toMatchObject({
      ...{ kind: 'Bot', name: 'trend', uid: 'uid-1', generation: 1, ending: false, adopts: true },
      spec: { kind: 'read', value: { symbols: ['QQQ', 'SPY'] } },
    });
    api.drop('trend');
    await vi.waitFor(() => expect(cluster.resources('Bot')).toEqual([]));
  });

  it('wake also for what changed while nobody waited, and not for what is told of them', async () => {
    const { api, cluster, bot, heard, changed } = await open();
    api.apply('trend', BOT_SPEC);
    const resource = await heard();
    await changed();
    await cluster.writeStatus(resource, { phase: 'Running' });
    await vi.waitFor(() => expect(bot().status).toEqual({ phase: 'Running' }));
    let isWoken = false;
    const wake = changed().then(() => {
      isWoken = true;
    });
    await vi.waitFor(() => expect(api.watching).toBe(1));
    expect(isWoken).toBe(false);
    api.apply('trend', { ...BOT_SPEC, paused: true });
    await wake;
    expect(bot().generation).toBe(2);
  });

  it('are listed anew where a watch is too old to go on', async () => {
    const { api, cluster, heard } = await open();
    api.apply('old', BOT_SPEC);
    await heard('old');
    api.drop('old', false);
    api.expire();
    await vi.waitFor(() => expect(cluster.resources('Bot')).toEqual([]), { timeout: 5_000 });
    await vi.waitFor(() => expect(api.watching).toBe(1), { timeout: 5_000 });
    api.apply('new', BOT_SPEC);
    await heard('new');
    expect(cluster.problem()).toBeUndefined();
  });

  it.each([403, 500])(
    'cannot be followed while Kubernetes answers %s, and can after it',
    async (code) => {
      const { api, cluster, log, heard } = await open({ refuses: code });
      api.apply('trend', BOT_SPEC);
      expect(cluster.problem()).toContain(`it answered ${code}: no.`);
      const before = api.asked.length;
      await vi.waitFor(() => expect(api.asked.length).toBeGreaterThan(before + 6));
      expect(cluster.problem()).toContain(`it answered ${code}: no.`);
      expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(3);
      api.refuses = undefined;
      await heard();
      await vi.waitFor(() => expect(cluster.problem()).toBeUndefined());
    },
  );

  it('are not waited for where Kubernetes takes a request and says nothing', async () => {
    const { api, cluster, heard } = await open({ patience: { answerMs: 50 } });
    api.apply('trend', BOT_SPEC);
    const resource = await heard();
    api.refuses = 0;
    await expect(cluster.read(resource)).rejects.toMatchObject({ code: 'OPERATOR.CLUSTER' });
  });
});

describe('what is written', () => {
  it('is a status with conditions, whose time stays until they turn, and nothing told before', async () => {
    const { api, cluster, heard } = await open();
    api.apply('trend', BOT_SPEC);
    const resource = await heard();
    const first = { observedGeneration: 1, phase: 'Running', position: 'SPY 1', message: '' };
    const running = await cluster.writeStatus(resource, first);
    expect(api.status('trend')).toMatchObject({ phase: 'Running', position: 'SPY 1' });
    const [accepted, ready] = api.status('trend').conditions as readonly object[];
    expect(accepted).toEqual({
      ...{
        type: 'Accepted',
        status: 'True',
        reason: 'PassedOn',
        message: 'The platform has taken what is wanted.',
      },
      ...{ observedGeneration: 1, lastTransitionTime: expect.stringMatching(/^\d{4}-.*Z$/) },
    });
    expect(ready).toMatchObject({ type: 'Ready', status: 'True', reason: 'Running' });
    expect(running?.status).toEqual({ observedGeneration: 1, phase: 'Running', position: 'SPY 1' });
    const second = { observedGeneration: 1, phase: 'Paused', lastSliceUs: 1_767_623_400_000_000 };
    const paused = running && (await cluster.writeStatus(running, second));
    expect(paused?.status).toEqual(second);
    expect(api.status('trend')).toEqual({
      ...{ observedGeneration: 1, phase: 'Paused', lastSlice: '2026-01-05T14:30:00.000Z' },
      conditions: [accepted, expect.objectContaining({ status: 'False', reason: 'Paused' })],
    });
  });

  it('never goes over what somebody else has changed since, nor over another of the same name', async () => {
    const { api, cluster, heard, bot } = await open();
    api.apply('trend', BOT_SPEC);
    const old = await heard();
    api.apply('trend', { ...BOT_SPEC, paused: true });
    const conflict = { code: 'OPERATOR.CONFLICT' };
    await expect(cluster.writeStatus(old, { phase: 'Running' })).rejects.toMatchObject(conflict);
    await expect(cluster.setFinalizers(old, ['mine'])).rejects.toMatchObject(conflict);
    expect(api.status('trend')).toEqual({});
    await vi.waitFor(() => expect(bot().generation).toBe(2));
    const now = bot();
    await cluster.setFinalizers(now, ['mine']);
    await vi.waitFor(() => expect(bot().finalizers).toEqual(['mine']));
    api.drop('trend');
    expect(await cluster.writeStatus(now, { phase: 'Running' })).toBeUndefined();
    expect(await cluster.read(now)).toBeUndefined();
    api.apply('trend', BOT_SPEC);
    expect(await cluster.read(now)).toBeUndefined();
    await expect(cluster.writeStatus(now, { phase: 'Running' })).rejects.toMatchObject(conflict);
  });

  it('is an event of the resource, and its end by its own id', async () => {
    const { api, cluster, heard } = await open();
    api.apply('trend', BOT_SPEC);
    const resource = await heard();
    await cluster.tell(resource, { reason: 'Refused', message: 'why.', warns: true });
    expect(api.asked.at(-1)).toMatchObject({
      ...{ method: 'POST', path: '/api/v1/namespaces/trading/events' },
      body: {
        involvedObject: { kind: 'Bot', name: 'trend', uid: 'uid-1', namespace: 'trading' },
        ...{ type: 'Warning', reason: 'Refused', message: 'why.' },
      },
    });
    await cluster.remove(resource);
    expect(api.asked.at(-1)).toMatchObject({
      ...{ method: 'DELETE', body: { preconditions: { uid: 'uid-1' } } },
    });
    await cluster.remove(resource);
  });
});
