import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type EmbeddedNats,
  type EmbeddedPostgres,
  startNats,
  startPostgres,
  type TestServers,
} from '@capstan/embedded';

/** A server that a drill stops, kills and starts. */
export type ServerName = 'nats' | 'postgres';

/** NATS and PostgreSQL as an installation has them, which keep what they have acknowledged, in a folder of their own. */
export class DrillServers implements TestServers<{ nats: true; postgres: true }> {
  readonly folder: string;
  #nats: EmbeddedNats;
  #postgres: EmbeddedPostgres;
  /** True to leave the folder as it is, for whoever looks at it later. */
  isKept = false;

  private constructor(folder: string, nats: EmbeddedNats, postgres: EmbeddedPostgres) {
    this.folder = folder;
    this.#nats = nats;
    this.#postgres = postgres;
  }

  static async start(): Promise<DrillServers> {
    const folder = await mkdtemp(join(tmpdir(), 'capstan-drill-'));
    const nats = await startNats({ dataDir: join(folder, 'nats') });
    const postgres = await startPostgres({ dataDir: join(folder, 'postgres') });
    return new DrillServers(folder, nats, postgres);
  }

  get nats(): EmbeddedNats {
    return this.#nats;
  }

  get postgres(): EmbeddedPostgres {
    return this.#postgres;
  }

  /** Lets a server end in its own way. */
  async halt(name: ServerName): Promise<void> {
    await (name === 'nats' ? this.#nats : this.#postgres).stop();
  }

  /** Ends a server as `kill -9` does. */
  async kill(name: ServerName): Promise<void> {
    const server = name === 'nats' ? this.#nats : this.#postgres;
    process.kill(server.pid, 'SIGKILL');
    await server.exited;
  }

  /**
   * Starts a server that was ended, on its data and its port.
   * @param storeBytesMax most bytes that the streams of NATS may take; without it what the disk has.
   */
  async again(name: ServerName, storeBytesMax?: number): Promise<void> {
    if (name === 'nats') {
      const { port } = this.#nats;
      this.#nats = await startNats({ dataDir: join(this.folder, 'nats'), port, storeBytesMax });
    } else {
      const { port } = this.#postgres;
      this.#postgres = await startPostgres({ dataDir: join(this.folder, 'postgres'), port });
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#nats.stop(), this.#postgres.stop()]);
    if (!this.isKept) await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
