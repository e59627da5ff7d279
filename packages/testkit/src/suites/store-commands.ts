import { describe, expect, it } from 'vitest';
import { expectCode, expectSame } from './expectations.ts';
import { at, bytes, sampleAuditOf, sampleCommand, sampleJob } from './samples.ts';
import type { StoreWorld } from './store-suite.ts';

/** Commands, audit, tokens and jobs. */
export function storeCommands(world: StoreWorld): void {
  commandRows(world);
  jobRows(world);
  const store = () => world.store();

  describe('audit', () => {
    it('takes records of steps and of others, and shows the latest first', async () => {
      const fence = await world.own();
      const late = 1_000_000;
      const [a, b, c] = [1, 3, 2].map((n) => sampleAuditOf(world.unique('audit'), at(late + n)));
      if (a === undefined || b === undefined || c === undefined) throw new Error('no records');
      await store().addAudit(a);
      await store().commit({ fence, audit: [b, c] });
      expectSame(await store().audit(3), [b, c, a]);
      expectSame(await store().audit(1), [b]);
      await expectCode(store().commit({ fence, audit: [b] }), 'STORE.CONFLICT');
    });
  });

  describe('tokens', () => {
    it('are found by their hash', async () => {
      const token = {
        tokenHash: world.unique('hash'),
        name: 'laptop',
        role: 'operator',
        createdAtUs: at(0),
      } as const;
      await store().addToken(token);
      expectSame(await store().token(token.tokenHash), token);
      expect(await store().token(world.unique('hash'))).toBeUndefined();
    });
  });
}

function commandRows(world: StoreWorld): void {
  const store = () => world.store();

  describe('commands', () => {
    it('wait for their key, the oldest first', async () => {
      const key = world.unique('bot/trend');
      const of = (seconds: number) =>
        sampleCommand({ key, commandId: `${key}-${seconds}`, createdAtUs: at(seconds) });
      for (const seconds of [1, 2, 3]) await store().addCommand(of(seconds));
      expectSame(await store().pendingCommands(key), [of(1), of(2), of(3)]);
      expectSame(await store().pendingCommands(world.unique('bot/none')), []);
      expectSame(await store().command(of(2).commandId), of(2));
      expect(await store().command(world.unique('command'))).toBeUndefined();
    });

    it('are written once: a second of the same id is ignored, also when the first is done', async () => {
      const fence = await world.own();
      const command = sampleCommand({ key: fence.key, commandId: world.unique('command') });
      await store().addCommand(command);
      await store().addCommand({ ...command, kind: 'ResumeBot' });
      expectSame(await store().pendingCommands(fence.key), [command]);
      const answer = { commandId: command.commandId, state: 'done', result: 'paused' } as const;
      await store().commit({ fence, commands: [answer] });
      await store().addCommand(command);
      expectSame(await store().pendingCommands(fence.key), []);
      expectSame(await store().command(command.commandId), { ...command, ...answer });
    });

    it('are answered once, by the owner of their key', async () => {
      const fence = await world.own();
      const other = await world.own();
      const command = sampleCommand({ key: fence.key, commandId: world.unique('command') });
      await store().addCommand(command);
      const answer = { commandId: command.commandId, state: 'refused', result: 'no' } as const;
      const state = bytes('x');
      await expectCode(
        store().commit({ fence: other, commands: [answer], state }),
        'STORE.CONFLICT',
      );
      const unknown = { ...answer, commandId: world.unique('command') };
      await expectCode(store().commit({ fence, commands: [unknown] }), 'STORE.CONFLICT');
      expectSame(await store().command(command.commandId), command);
      await store().commit({ fence, commands: [answer] });
      await expectCode(store().commit({ fence, commands: [answer], state }), 'STORE.CONFLICT');
      expectSame(await store().command(command.commandId), { ...command, ...answer });
      expect((await store().takeOwnership(fence)).state).toBeUndefined();
      expect((await store().takeOwnership(other)).state).toBeUndefined();
    });
  });
}

function jobRows(world: StoreWorld): void {
  const store = () => world.store();
  const done = { kind: 'done', result: '{"sharpe":1}', digest: 'd1' } as const;
  const added = async () => {
    const job = sampleJob({ jobId: world.unique('job') });
    await store().addJob(job);
    return job;
  };

  describe('jobs', () => {
    it('are queued, run and done', async () => {
      const job = await added();
      expectSame(await store().job(job.jobId), job);
      expect(await store().job(world.unique('job'))).toBeUndefined();
      await store().startJob(job.jobId, at(2));
      expectSame(await store().job(job.jobId), { ...job, state: 'running', updatedAtUs: at(2) });
      await store().finishJob(job.jobId, done, at(3));
      const { result, digest } = done;
      const finished = { ...job, state: 'done', result, digest, updatedAtUs: at(3) };
      expectSame(await store().job(job.jobId), finished);
    });

    it('keep their first result: the same again is fine, another is a conflict', async () => {
      const job = await added();
      await store().finishJob(job.jobId, done, at(3));
      await store().finishJob(job.jobId, done, at(4));
      const other = { ...done, result: '{}', digest: 'd2' };
      await expectCode(store().finishJob(job.jobId, other, at(5)), 'STORE.CONFLICT');
      await store().startJob(job.jobId, at(6));
      const { result, digest } = done;
      expect(await store().job(job.jobId)).toMatchObject({ state: 'done', result, digest });
    });

    it('fail in words, and may yet succeed', async () => {
      const job = await added();
      await store().finishJob(job.jobId, { kind: 'failed', error: 'no bars' }, at(3));
      const failed = { ...job, state: 'failed', error: 'no bars', updatedAtUs: at(3) };
      expectSame(await store().job(job.jobId), failed);
      await store().finishJob(job.jobId, done, at(4));
      expect(await store().job(job.jobId)).toMatchObject({ state: 'done', digest: 'd1' });
    });

    it('are listed the latest first', async () => {
      const late = 1_000_000;
      const [a, b] = [1, 2].map((n) =>
        sampleJob({ jobId: world.unique('job'), createdAtUs: at(late + n) }),
      );
      if (a === undefined || b === undefined) throw new Error('no jobs');
      await store().addJob(a);
      await store().addJob(b);
      expectSame(await store().jobs(2), [b, a]);
      expectSame(await store().jobs(1), [b]);
    });
  });
}
