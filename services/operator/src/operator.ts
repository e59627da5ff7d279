import { AppError, type InstrumentBook } from '@capstan/domain';
import { acquireLease, type LeasePorts } from '@capstan/journal';
import type { Clock, Log, Meter } from '@capstan/ports';
import { type Cluster, isEmpty, KINDS, type Resource, type Status } from './cluster.ts';
import { LIMITS } from './limits.ts';
import { type Clients, PlatformView } from './platform-view.ts';
import type { Reconciled } from './reconcile.ts';
import { reconcileAccount } from './reconcile-account.ts';
import { reconcileBot } from './reconcile-bot.ts';
import { reconcileJob } from './reconcile-job.ts';
import { METRICS } from './telemetry.ts';

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
 * that holds the lease.
 */
export class Operator {
  readonly #ports: OperatorPorts;
  readonly #settings: OperatorSettings;
  /** Failures that were logged, by resource: each once until it is over. */
  readonly #failing = new Map<string, string>();
  #problem: string | undefined;

  constructor(ports: OperatorPorts, settings: OperatorSettings) {
    this.#ports = ports;
    this.#settings = settings;
  }

  /** Why resources are not looked after, in words; `undefined` while they are, or another process does so. */
  problem(): string | undefined {
    return this.#problem;
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
          await this.#round(() => lease.held(), lost.signal);
      } finally {
        signal.removeEventListener('abort', end);
        await lease.release();
      }
    }
  }

  async #round(isHeld: () => boolean, signal: AbortSignal): Promise<void> {
    const isWell = await this.pass(isHeld);
    await this.#ports.cluster.changed(isWell ? this.#settings.resyncMs : LIMITS.retryMs, signal);
  }

  /** Looks after every resource once. @returns false where one of them has to be tried again soon. */
  async pass(isHeld: () => boolean = () => true): Promise<boolean> {
    const { cluster, clients, meter } = this.#ports;
    const view = new PlatformView(clients, this.#settings.instruments);
    const failed: string[] = [];
    for (const kind of KINDS) {
      const resources = cluster.resources(kind);
      meter.gauge(METRICS.resources, resources.length, { kind });
      for (const resource of resources) {
        if (!isHeld()) return true;
        const why = await this.#look(resource, view);
        if (why !== undefined) failed.push(why);
      }
    }
    this.#problem = failed[0];
    return failed.length === 0;
  }

  /** @returns why it could not be looked after. */
  async #look(resource: Resource, view: PlatformView): Promise<string | undefined> {
    const { cluster, log, meter } = this.#ports;
    const { kind, name } = resource;
    const key = `${kind}/${name}`;
    try {
      const { status, finalizers, acts } = await this.#reconcile(resource, view);
      for (const act of acts) {
        meter.count(METRICS.acts, 1, { kind, act });
        log.info('asked the platform', { kind, name, act, message: status.message });
      }
      if (!isSame(status, resource.status)) await cluster.writeStatus(resource, status);
      if (finalizers !== undefined) await cluster.setFinalizers(resource, finalizers);
      this.#failing.delete(key);
      return undefined;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      meter.count(METRICS.failures, 1, { kind });
      if (this.#failing.get(key) !== error.message) {
        log.warn('a resource could not be looked after; it is tried again', { kind, name, error });
        this.#failing.set(key, error.message);
      }
      return `${key}: ${error.why}`;
    }
  }

  #reconcile(resource: Resource, view: PlatformView): Promise<Reconciled> {
    const { clients } = this.#ports;
    switch (resource.kind) {
      case 'Bot':
        return reconcileBot(resource as Resource<'Bot'>, view, clients);
      case 'Account':
        return reconcileAccount(resource as Resource<'Account'>, view, clients);
      case 'BacktestJob':
        return reconcileJob(resource as Resource<'BacktestJob'>, clients);
    }
  }
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
