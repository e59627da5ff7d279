import type { Reply } from '@capstan/ports';
import { describe, expect, it } from 'vitest';
import type { BusWorld } from './bus-suite.ts';
import { expectCode, expectSame } from './expectations.ts';
import { bytes } from './samples.ts';

const reply = (text: string): Reply => ({ data: bytes(text), headers: {} });
const textOf = (answer: Reply): string => new TextDecoder().decode(answer.data);

/** The contract of `Requests`. */
export function describeRequests(world: BusWorld): void {
  const requests = () => world.opened().requests;
  const subjectOf = () => `rpc.capstan.${world.unique('Service')}.Ask`;
  const ask = (subject: string, text = '', timeoutMs = 10_000) =>
    requests().request(subject, bytes(text), { timeoutMs });

  describe('requests', () => {
    it('are answered with data and headers', async () => {
      const subject = subjectOf();
      const heard: unknown[] = [];
      const server = await requests().serve(subject, 'q', async (data, headers) => {
        heard.push([...data], headers['x-one']);
        return { data: Uint8Array.of(0, 255), headers: { 'x-two': 'b=2' } };
      });
      const options = { timeoutMs: 10_000, headers: { 'x-one': 'a 1' } };
      const answer = await requests().request(subject, Uint8Array.of(9, 0), options);
      expect(heard).toEqual([[9, 0], 'a 1']);
      expectSame(answer.data, Uint8Array.of(0, 255));
      expect(answer.headers).toMatchObject({ 'x-two': 'b=2' });
      await server.close();
    });

    it('fail at once where nobody answers, and after the last server closed', async () => {
      const subject = subjectOf();
      await expectCode(ask(subject), 'BUS.NO_RESPONDER');
      const server = await requests().serve(subject, 'q', async () => reply('x'));
      expect(textOf(await ask(subject))).toBe('x');
      await server.close();
      await expectCode(ask(subject), 'BUS.NO_RESPONDER');
    });

    it('time out while the server is still thinking', async () => {
      const subject = subjectOf();
      let answer: (reply: Reply) => void = () => undefined;
      const thinking = new Promise<Reply>((resolve) => {
        answer = resolve;
      });
      const server = await requests().serve(subject, 'q', () => thinking);
      await expectCode(ask(subject, '', 50), 'BUS.TIMEOUT');
      answer(reply('too late'));
      await server.close();
    });

    it('do not wait for each other', async () => {
      const subject = subjectOf();
      let release: (reply: Reply) => void = () => undefined;
      const held = new Promise<Reply>((resolve) => {
        release = resolve;
      });
      const server = await requests().serve(subject, 'q', async (data) =>
        data.length === 0 ? held : reply('quick'),
      );
      const slow = ask(subject, '');
      expect(textOf(await ask(subject, 'now'))).toBe('quick');
      release(reply('slow'));
      expect(textOf(await slow)).toBe('slow');
      await server.close();
    });

    it('go to one member of a queue each', async () => {
      const subject = subjectOf();
      const heard: string[] = [];
      const handler = async (data: Uint8Array) => {
        heard.push(new TextDecoder().decode(data));
        return reply('ok');
      };
      const servers = [
        await requests().serve(subject, 'q', handler),
        await requests().serve(subject, 'q', handler),
      ];
      const texts = Array.from({ length: 20 }, (_, index) => String(index));
      await Promise.all(texts.map((text) => ask(subject, text)));
      expect([...heard].sort()).toEqual([...texts].sort());
      for (const server of servers) await server.close();
    });
  });
}
