import { AppError, hasCode, type InstrumentBook } from '@capstan/domain';
import { acquireLease, type LeasePorts } from '@capstan/journal';
import type { Clock, Log, Meter } from '@capstan/ports';
import {
  type Cluster,
  type Happening,
  isEmpty,
  KINDS,
  type Resource,
  type Status,
} from './cluster.ts';
import { LIMITS } from './limits.ts';
import { type Clients, PlatformView } from './platform-view.ts';
import { isSeen, type Reconciled } from './reconcile.ts';
import { reconcileAccount } from './reconcile-account.ts';
import { reconcileBot } from './reconcile-bot.ts';
import { reconcileJob } from './reconcile-job.ts';
import { Retries } from './retries.ts';
import { METRICS } from './telemetry.ts';
import { whileHeld } from './while-held.ts';

export interface OperatorPorts extends LeasePorts {
  readonly cluster: Cluster;
  readonly clients: Clients;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface OperatorSettings {
  readonly namespace: string;
  /** Name of this incarnation. */
  readonly holder: string;
  readonly resyncMs: number;
  readonly instruments: InstrumentBook;
}

/**
 * Brings the platform to what the resources of a namespace want, and tells in them how it stands. One process of several does so: the one
 * that holds the lease, and each call asks for that once more.
 */
export class Operator {
  readonly #ports: OperatorPorts;
  readonly #settings: OperatorSettings;
  readonly #retries: Retries;
  /** Failures that were logged, by resource: each once until it is over. */
  readonly #failing = new Map<string, string>();
  /** Wishes that this process has passed on: their answers stand. */
  readonly #asked = new Set<string>();

  constructor(ports: OperatorPorts, settings: OperatorSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#retries = new Retries(ports.clock);
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { namespace, holder } = this.#settings;
    const { log, meter } = this.#ports;
    while (!signal.aborted) {
      meter.gauge(METRICS.leading, 0, {});
      const lease = await acquireLease(this.#ports, `operator/${namespace}`, holder, signal);
      if (lease === undefined) return;
      log.info('looks after the resources of a namespace', { namespace });
      meter.gauge(METRICS.leading, 1, {});
      const lost = new AbortController();
      const end = () => lost.abort();
      signal.addEventListener('abort', end, { once: true });
      lease.keep(end);
      try {
        while (lease.held() && !lost.signal.aborted)
          await this.#round(() => lease.held() && !lost.signal.aborted, lost.signal);
      } finally {
        signal.removeEventListener('abort', end);
        await lease.release();
      }
    }
  }

  async #round(isHeld: () => boolean, signal: AbortSignal): Promise<void> {
    const againMs = await this.pass(isHeld);
    await this.#ports.cluster.changed(Math.min(againMs, this.#settings.resyncMs), signal);
  }

  /** Looks after every resource once. @returns how long until one that failed is to be tried again; infinite where none did. */
  async pass(isHeld: () => boolean = () => true): Promise<number> {
    const { cluster, clients, meter } = this.#ports;
    const asked = Object.entries(clients).map(([name, one]) => [name, whileHeld(one, isHeld)]);
    const own: Means = {
      cluster: whileHeld(cluster, isHeld),
      clients: Object.fromEntries(asked) as unknown as Clients,
    };
    const view = new PlatformView(own.clients, this.#settings.instruments);
    const all = KINDS.flatMap((kind) => {
      const resources: readonly Resource[] = cluster.resources(kind);
      meter.gauge(METRICS.resources, resources.length, { kind });
      return resources;
    });
    const due = all.filter((resource) => this.#retries.isDue(resource));
    await atMost(LIMITS.looksAtOnce, due, (resource) => this.#look(resource, view, own));
    return this.#retries.nextInMs(all);
  }

  async #look(heard: Resource, view: PlatformView, means: Means): Promise<void> {
    let resource = heard;
    try {
      if (this.#mayAct(heard)) {
        // What was heard may be old, and what it wants done already, or by hand undone since: nothing is asked for on its word.
        const now = await means.cluster.read(heard);
        if (now === undefined) {
          this.#retries.well(heard);
          return;
        }
        resource = now;
      }
      await this.#lookAt(resource, view, means);
      this.#retries.well(heard);
      this.#failing.delete(heard.uid);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (hasCode(error, 'OPERATOR.LEASE')) return;
      const count = this.#retries.failed(heard);
      // Somebody else wrote at the same time: no failure, but another look.
      if (hasCode(error, 'OPERATOR.CONFLICT')) return;
      this.#logFailure(resource, error);
      if (!hasCode(error, 'OPERATOR.CLUSTER'))
        await this.#tellFailure(resource, error, count, means);
    }
  }

  /** Tells whether a look after it may ask the platform to change something. */
  #mayAct(resource: Resource): boolean {
    return resource.ending || !isSeen(resource) || this.#againOf(resource) !== undefined;
  }

  async #lookAt(resource: Resource, view: PlatformView, means: Means): Promise<void> {
    const { log, meter } = this.#ports;
    const { kind, name } = resource;
    const { status, finalizers, acts, isOver } = await this.#reconcile(resource, view, means);
    if (acts.length > 0) this.#asked.add(wishOf(resource));
    for (const act of acts) {
      meter.count(METRICS.acts, 1, { kind, act });
      log.info('asked the platform', { kind, name, act, message: status.message });
    }
    const written = await this.#write(resource, status, means);
    if (finalizers !== undefined && written !== undefined)
      await means.cluster.setFinalizers(written, finalizers);
    if (isOver === true && written !== undefined) await means.cluster.remove(written);
  }

  /** @returns the resource as it is then; `undefined` where it is gone. */
  async #write(
    resource: Resource,
    status: Status,
    { cluster }: Means,
  ): Promise<Resource | undefined> {
    if (isSame(status, resource.status)) return resource;
    const written = await cluster.writeStatus(resource, status);
    const happening = happeningOf(resource.status, status);
    if (written !== undefined && happening !== undefined)
      await this.#tell(written, happening, cluster);
    return written;
  }

  /** An event that cannot be written keeps nobody from trading. */
  async #tell(resource: Resource, happening: Happening, cluster: Cluster): Promise<void> {
    try {
      await cluster.tell(resource, happening);
    } catch (error) {
      if (!hasCode(error, 'OPERATOR.CLUSTER')) throw error;
      const { kind, name } = resource;
      this.#ports.log.warn('an event could not be written', { kind, name, error });
    }
  }

  #reconcile(resource: Resource, view: PlatformView, { clients }: Means): Promise<Reconciled> {
    const again = this.#againOf(resource);
    switch (resource.kind) {
      case 'Bot':
        return reconcileBot(resource as Resource<'Bot'>, view, clients, again);
      case 'Account':
        return reconcileAccount(resource as Resource<'Account'>, view, clients, again);
      case 'BacktestJob': {
        const nowUs = this.#ports.clock.nowUs();
        return reconcileJob(resource as Resource<'BacktestJob'>, clients, nowUs, again);
      }
    }
  }

  /**
   * What was refused is passed on once more by each process that begins, as what stood against it may be gone with its release; and what
   * the platform was not even asked for, because a bot of that name was there, as soon as that is gone or may be taken over.
   */
  #againOf(resource: Resource): string | undefined {
    const wasRefused = isSeen(resource) && resource.status.phase === 'Refused';
    return wasRefused && !this.#asked.has(wishOf(resource)) ? this.#settings.holder : undefined;
  }

  #logFailure({ kind, name, uid }: Resource, error: AppError): void {
    const { log, meter } = this.#ports;
    meter.count(METRICS.failures, 1, { kind });
    if (this.#failing.get(uid) === error.message) return;
    log.warn('a resource could not be looked after; it is tried again', { kind, name, error });
    this.#failing.set(uid, error.message);
  }

  /** A state that nobody could ask about for a while is not told as if it were known. */
  async #tellFailure(
    resource: Resource,
    { why }: AppError,
    count: number,
    means: Means,
  ): Promise<void> {
    const { status, ending } = resource;
    const isKnown =
      status.phase === 'Refused' || status.phase === 'Done' || status.phase === 'Failed';
    if (isKnown || (count < LIMITS.failuresUntilTold && !ending)) return;
    const phase = ending ? 'Stopping' : 'Unknown';
    const message = `the platform was asked: ${why}`.slice(0, LIMITS.messageMax);
    try {
      await this.#write(resource, { ...status, phase, message }, means);
    } catch (error) {
      // The next look tells it.
      if (!(error instanceof AppError)) throw error;
    }
  }
}

/** What a look asks and writes by, while the lease is held. */
interface Means {
  readonly cluster: Cluster;
  readonly clients: Clients;
}

const wishOf = ({ uid, generation }: Resource): string => `${uid}-${generation}`;

const WARNS = ['Refused', 'Crashed', 'Failed', 'Missing', 'Killed', 'Unknown'];

/** What a change of a status is worth an event for: another state, or a wish that was refused. */
function happeningOf(before: Status, after: Status): Happening | undefined {
  const { phase, refused, message } = after;
  const text = String(message ?? '');
  if (refused !== undefined && refused !== before.refused)
    return { reason: 'Refused', message: String(refused), warns: true };
  if (phase === undefined || phase === before.phase) return undefined;
  return { reason: String(phase), message: text, warns: WARNS.includes(String(phase)) };
}

/** Does what is to be done for each, so many at a time. */
async function atMost<T>(
  width: number,
  all: readonly T[],
  act: (one: T) => Promise<void>,
): Promise<void> {
  const rest = all.values();
  const worker = async () => {
    for (const one of rest) await act(one);
  };
  await Promise.all(Array.from({ length: Math.min(width, all.length) }, worker));
}

function isSame(a: Status, b: Status): boolean {
  const text = (status: Status) =>
    JSON.stringify(
      Object.entries(status)
        .filter(([, value]) => !isEmpty(value))
        .sort(),
    );
  return text(a) === text(b);
}
