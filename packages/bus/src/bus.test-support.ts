import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedNats, freePort, startNats, waitUntil } from '@capstan/embedded';
import type { BusMessage, Log, OutgoingMessage, Subscription } from '@capstan/ports';
import type { BusConnection } from './connect-bus.ts';

/** A log that nobody reads. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
};

/** A real NATS server of one test that can be killed, started again, and emptied. */
export class TestNats {
  readonly port: number;
  readonly #folder: string;
  readonly #storeBytesMax: number | undefined;
  #life = 1;
  #server: EmbeddedNats | undefined;

  private constructor(folder: string, port: number, storeBytesMax: number | undefined) {
    this.#folder = folder;
    this.port = port;
    this.#storeBytesMax = storeBytesMax;
  }

  /** @param storeBytesMax the most that its streams may ask for; what the disk has unless given. */
  static async start(storeBytesMax?: number): Promise<TestNats> {
    const folder = await mkdtemp(join(tmpdir(), 'capstan-bus-'));
    const nats = new TestNats(folder, await freePort(), storeBytesMax);
    await nats.up();
    return nats;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  /** Starts the server on what it had. */
  async up(): Promise<void> {
    const dataDir = join(this.#folder, String(this.#life));
    this.#server = await startNats({
      ...{ dataDir, port: this.port, storeBytesMax: this.#storeBytesMax },
    });
  }

  /** Ends the server with SIGKILL. */
  async kill(): Promise<void> {
    if (this.#server === undefined) return;
    process.kill(this.#server.pid, 'SIGKILL');
    await this.#server.exited;
    this.#server = undefined;
  }

  /** Kills it and starts it again; returns when the connection has noticed both. */
  async restart(bus: BusConnection): Promise<void> {
    await this.kill();
    await untilConnected(bus, false);
    await this.up();
    await untilConnected(bus, true);
  }

  /** The next start begins with an empty store. */
  forget(): void {
    this.#life += 1;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Waits until a connection has noticed that the server is gone, or that it is back. */
export async function untilConnected(bus: BusConnection, connected: boolean): Promise<void> {
  if (await waitUntil(() => bus.status().connected === connected, 10_000)) return;
  throw new Error(`connected is still ${!connected}`);
}

/** Returns a message whose data and id are `text`. */
export function outgoing(subject: string, text: string): OutgoingMessage {
  const data = new TextEncoder().encode(text);
  return { subject, data, headers: {}, messageId: `${subject}:${text}` };
}

/** Returns the text of a message. */
export function textOf(message: { readonly data: Uint8Array }): string {
  return new TextDecoder().decode(message.data);
}

/** Reads until `count` messages have come. */
export async function readMany(subscription: Subscription, count: number): Promise<BusMessage[]> {
  const all: BusMessage[] = [];
  while (all.length < count) {
    const batch = await subscription.next();
    if (batch.length === 0) throw new Error(`closed after ${all.length} of ${count}`);
    all.push(...batch);
  }
  return all;
}

/** Returns the numbers below `count`, as text. */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
