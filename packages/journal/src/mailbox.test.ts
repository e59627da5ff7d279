import { drained } from '@capstan/testkit';
import { expect, it } from 'vitest';
import { Mailbox } from './mailbox.ts';

it('processes one item after the other, and tells who put it', async () => {
  const mailbox = new Mailbox<string>();
  const seen: string[] = [];
  const put = ['a', 'b'].map((item) => mailbox.put(item).then(() => seen.push(`${item} put`)));
  const running = mailbox.run(async (item) => {
    seen.push(`${item} begins`);
    await drained();
    seen.push(`${item} ends`);
  });
  await Promise.all(put);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'a put', 'b ends', 'b put']);
  mailbox.close();
  await running;
});

it('lets everybody go when it closes, and takes nothing after', async () => {
  const mailbox = new Mailbox<string>();
  const seen: string[] = [];
  const running = mailbox.run(async (item) => {
    seen.push(item);
    mailbox.close();
    await drained();
  });
  await Promise.all(['a', 'b'].map((item) => mailbox.put(item)));
  await running;
  await mailbox.put('c');
  expect(seen).toEqual(['a']);
});

it('ends with what processing throws, and lets the others go', async () => {
  const mailbox = new Mailbox<string>();
  const running = mailbox.run(() => Promise.reject(new Error('no')));
  const puts = Promise.all(['a', 'b'].map((item) => mailbox.put(item)));
  await expect(running).rejects.toThrow('no');
  const settled = await Promise.race([puts.then(() => 'gone'), drained().then(() => 'stuck')]);
  expect(settled).toBe('gone');
});
