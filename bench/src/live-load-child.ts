import { setTimeout as sleep } from 'node:timers/promises';
import { LoadStream } from '@capstan/emulators';
import type { LoadAsk } from './live-load-source.ts';
import { LIVE_SYMBOLS } from './live-symbols.ts';

/** Quotes of one frame where they come steadily. */
const STEADY_SYMBOLS = 20;
/** Bytes that may wait at the socket where as many messages as possible are sent. */
const BACKLOG_BYTES = 1_000_000;

/** A process of its own: a stream that says what it is told to, and when it has said it. */
const load = await LoadStream.start();
let prices = 0;

process.on('message', async ({ id, ask }: { readonly id: number; readonly ask: LoadAsk }) => {
  process.send?.({ id, value: await act(ask) });
});
process.send?.({ id: 0, value: load.url });

async function act(ask: LoadAsk): Promise<unknown> {
  switch (ask.kind) {
    case 'listened':
      return load.listened('quotes');
    case 'bars':
      return load.bars(LIVE_SYMBOLS, ask.startUs);
    case 'steady':
      return steady(ask.seconds, ask.perSecond);
    case 'flood':
      return flood(ask.rounds);
  }
}

async function steady(seconds: number, perSecond: number): Promise<number> {
  const fromMs = performance.now();
  const count = seconds * perSecond;
  for (let sent = 0; sent < count; sent += STEADY_SYMBOLS) {
    const aheadMs = (sent / perSecond) * 1_000 - (performance.now() - fromMs);
    if (aheadMs > 0) await sleep(aheadMs);
    const first = sent % LIVE_SYMBOLS.length;
    load.quotes(LIVE_SYMBOLS.slice(first, first + STEADY_SYMBOLS), nextPrice());
  }
  return count;
}

async function flood(rounds: number) {
  const sentUs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    sentUs.push(...load.quotes(LIVE_SYMBOLS, nextPrice()).sentUs);
    await load.drained(BACKLOG_BYTES);
  }
  return { firstUs: sentUs[0], lastUs: sentUs.at(-1), messages: rounds * LIVE_SYMBOLS.length };
}

function nextPrice(): number {
  prices += 1;
  return 100 + (prices % 1_000) / 100;
}
