import { setTimeout as sleep } from 'node:timers/promises';

/** What the page shows, and reads anew when it is touched. */
const PARTS = [
  ...['overview', 'bots', 'positions', 'orders', 'fills', 'signals', 'denials', 'drifts'],
  ...['services', 'alerts', 'sessions', 'replays'],
] as const;
const READ_EVERY_MS = 2_000;

/** A browser at the page, as the gateway sees it: takes the live events, and reads anew what they touch. */
export class PageViewer {
  readonly #url: string;
  readonly #shown: { readonly account: string; readonly symbol: string };
  readonly #end = new AbortController();
  readonly #running: Promise<void>;
  /** What came live. */
  eventBytes = 0;

  /** @param url of the gateway. @param shown whose curve and whose chart are. */
  constructor(url: string, shown: { readonly account: string; readonly symbol: string }) {
    this.#url = url;
    this.#shown = shown;
    this.#running = Promise.all([this.#listen(), this.#read()]).then(() => undefined);
    // Told where it is closed.
    this.#running.catch(() => undefined);
  }

  /** @throws Error where the gateway let it go, or refused what it asked. */
  async close(): Promise<void> {
    this.#end.abort();
    await this.#running;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#end;
    try {
      const { body } = await this.#ask('events');
      for await (const chunk of body ?? []) this.eventBytes += chunk.length;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!signal.aborted) throw new Error('the gateway ended the live events');
  }

  async #read(): Promise<void> {
    const { signal } = this.#end;
    const { account, symbol } = this.#shown;
    const ofAccount = ['equity', 'days'].map((part) => `${part}?account=${account}`);
    const addresses = [...PARTS, ...ofAccount, `bars?symbol=${symbol}`];
    try {
      for (;;) {
        for (const address of addresses) await (await this.#ask(address)).arrayBuffer();
        await sleep(READ_EVERY_MS, undefined, { signal });
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #ask(address: string): Promise<Response> {
    const answer = await fetch(`${this.#url}/api/${address}`, { signal: this.#end.signal });
    if (answer.ok) return answer;
    throw new Error(`the page read '${address}': ${answer.status} ${await answer.text()}`);
  }
}
