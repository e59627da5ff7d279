import { createHash } from 'node:crypto';
import { AppError } from '@capstan/domain';
import { isPortFree, whoHoldsPort } from '@capstan/embedded';

/** A port that somebody else holds, and what to change. */
export interface TakenPort {
  readonly port: number;
  /** Who wants it, as a person calls it. */
  readonly server: string;
  /** What to set instead, such as `'supervisor.httpPort' to another port`. */
  readonly key: string;
}

/** Makes the error for a port that cannot be had, naming the process that holds it. */
export async function portTaken(
  { port, server, key }: TakenPort,
  cause?: unknown,
): Promise<AppError> {
  const holder = await whoHoldsPort(port);
  const by = holder === undefined ? 'another process' : `process ${holder.pid} (${holder.command})`;
  return new AppError({
    code: 'EMBEDDED.PORT_TAKEN',
    why: `${server} cannot listen on 127.0.0.1:${port}: ${by} holds the port.`,
    fix: `Stop that process, or set ${key}.`,
    cause,
    details: { port, ...(holder === undefined ? {} : { holderPid: holder.pid }) },
  });
}

const FIRST_PORT = 20_000;
const PORTS = 10_000;

/**
 * Finds free ports below those that systems give to outgoing connections, so that a service that is started again finds its
 * own still free. Each data directory begins elsewhere: two stacks seldom want the same.
 */
export async function findPorts(dataDir: string, count: number): Promise<readonly number[]> {
  const digest = createHash('sha256').update(dataDir).digest();
  const first = digest.readUInt32BE(0) % PORTS;
  const found: number[] = [];
  for (let step = 0; step < PORTS && found.length < count; step += 1) {
    const port = FIRST_PORT + ((first + step) % PORTS);
    if (await isPortFree(port)) found.push(port);
  }
  return found;
}
