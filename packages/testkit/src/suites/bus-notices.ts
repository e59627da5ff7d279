import { describe, expect, it } from 'vitest';
import { readMany, textsOf } from './bus-reading.ts';
import type { BusWorld } from './bus-suite.ts';
import { bytes } from './samples.ts';

/** Notices: delivered to whoever listens now. */
export function busNotices(world: BusWorld): void {
  const bus = () => world.opened().bus;

  describe('notices', () => {
    it('reach everybody who listens, in the order sent', async () => {
      const subject = `control.command.${world.unique('n')}`;
      const [a, b] = [await bus().listen(subject), await bus().listen(subject)];
      for (const text of ['1', '2', '3']) await bus().notify(subject, bytes(text));
      for (const listener of [a, b]) {
        const notices = await readMany(listener, 3);
        expect(textsOf(notices)).toEqual(['1', '2', '3']);
        expect(notices.map((notice) => notice.subject)).toEqual([subject, subject, subject]);
        await listener.close();
      }
    });

    it('wake who waits', async () => {
      const subject = `control.command.${world.unique('n')}`;
      const listener = await bus().listen(subject);
      const waiting = listener.next();
      await bus().notify(subject, new Uint8Array());
      expect(await waiting).toMatchObject([{ subject }]);
      await listener.close();
    });

    it('are lost where nobody listens, and to who listens later', async () => {
      const subject = `control.command.${world.unique('n')}`;
      await bus().notify(subject, bytes('lost'));
      const listener = await bus().listen(subject);
      await bus().notify(subject, bytes('heard'));
      expect(textsOf(await readMany(listener, 1))).toEqual(['heard']);
      await listener.close();
    });

    it('are heard by pattern', async () => {
      const token = world.unique('n');
      const any = await bus().listen(`control.*.${token}`);
      const rest = await bus().listen(`control.done.>`);
      await bus().notify(`control.command.${token}`, bytes('1'));
      await bus().notify(`control.done.${token}`, bytes('2'));
      await bus().notify(`control.done.${token}.deep`, bytes('3'));
      expect(textsOf(await readMany(any, 2))).toEqual(['1', '2']);
      expect(textsOf(await readMany(rest, 2))).toEqual(['2', '3']);
      await any.close();
      await rest.close();
    });

    it('are copies', async () => {
      const subject = `control.command.${world.unique('n')}`;
      const listener = await bus().listen(subject);
      const data = bytes('abc');
      await bus().notify(subject, data);
      data.fill(0);
      expect(textsOf(await readMany(listener, 1))).toEqual(['abc']);
      await listener.close();
    });

    it('end when the listener is closed, also while it waits', async () => {
      const subject = `control.command.${world.unique('n')}`;
      const listener = await bus().listen(subject);
      const waiting = listener.next();
      await listener.close();
      expect(await waiting).toEqual([]);
      await bus().notify(subject, bytes('late'));
      expect(await listener.next()).toEqual([]);
    });
  });
}
