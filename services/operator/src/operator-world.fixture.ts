import { botFromWire, botToWire, int64, type signalService } from '@capstan/contracts';
import { AppError, InstrumentBook, timeUs, usEquity } from '@capstan/domain';
import type { BotRecord, Meter } from '@capstan/ports';
import { MemoryKv, MemoryLog, VirtualClock } from '@capstan/testkit';
import {
  type Cluster,
  type Happening,
  isEmpty,
  type Kind,
  type Resource,
  type Status,
} from './cluster.ts';
import { readSpec } from './kubernetes/specs.ts';
import { Operator } from './operator.ts';
import type { Clients } from './platform-view.ts';

const START_US = Date.parse('2026-01-05T15:00:00Z') * 1_000;
const QUIET: Meter = {
  count: () => undefined,
  gauge: () => undefined,
  observe: () => undefined,
} as unknown as Meter;

export const BOT_SPEC = {
  accountId: 'paper',
  feed: 'demo',
  strategy: 'ma-cross',
  params: { fast: 3, slow: 8 },
  symbols: ['SPY', 'QQQ'],
  sizing: { kind: 'fixedQuantity', quantity: 10 },
};

interface StoredJob {
  readonly state: string;
  readonly error: string;
  readonly resultJson: string;
  readonly endedAtUs?: number;
}

interface Kept {
  readonly uid: string;
  version: number;
  spec: unknown;
  generation: number;
  ending: boolean;
  finalizers: readonly string[];
  status: Status;
  adopts: boolean;
}

/** Kubernetes as far as the operator sees it, and calls that fail when the test says so. */
export class OperatorWorld implements Cluster {
  readonly clock = new VirtualClock(timeUs(START_US));
  readonly kv = new MemoryKv(this.clock);
  readonly log = new MemoryLog();
  readonly bots = new Map<string, BotRecord>();
  readonly limits = new Map<string, unknown>();
  accounts: readonly string[] = ['paper'];
  readonly asked: string[] = [];
  readonly jobs = new Map<string, StoredJob>();
  /** Calls that get no answer, by name, and how long one waits for that. */
  readonly silent = new Map<string, number>();
  /** Called as a call arrives, before it is done. */
  onCall: (what: string) => void = () => undefined;
  /** Called with each command for a bot. */
  onCommand: (command: { readonly commandId: string }) => void = () => undefined;
  /** Why no bot is made, where none is. */
  refuses: string | undefined;
  /** Of the call of this number, from 1, the answer is lost, or the call is. */
  failAt: { readonly call: number; readonly when: 'before' | 'after' } | undefined;
  calls = 0;
  /** What `kubectl describe` would list: resource, reason, message. */
  readonly happened: string[] = [];
  /** What was heard of resources, where that is older than what they are. */
  heard: ReadonlyMap<string, Kept> | undefined;
  #made = 0;
  readonly #kept = new Map<string, Kept>();
  readonly #answers = new Map<string, { commandId: string; applied: boolean; message: string }>();

  apply(kind: Kind, name: string, spec: unknown, adopts = false): void {
    const key = `${kind}/${name}`;
    const before = this.#kept.get(key);
    this.#made += 1;
    const fresh = {
      uid: `uid-${this.#made}`,
      version: 0,
      generation: 0,
      ending: false,
      finalizers: [],
      status: {},
    };
    const { generation, ...rest } = before ?? fresh;
    const version = rest.version + 1;
    this.#kept.set(key, { ...rest, spec, adopts, version, generation: generation + 1 });
  }

  /** Changes what is no wish of its own, such as an annotation: the generation stays. */
  touch(kind: Kind, name: string, changes: Partial<Pick<Kept, 'adopts' | 'finalizers'>>): void {
    const kept = this.#kept.get(`${kind}/${name}`);
    if (kept !== undefined) Object.assign(kept, changes, { version: kept.version + 1 });
  }

  /** From now on the operator hears of nothing that changes. */
  deafen(): void {
    this.heard = new Map([...this.#kept].map(([key, kept]) => [key, { ...kept }]));
  }

  delete(kind: Kind, name: string): void {
    const kept = this.#kept.get(`${kind}/${name}`);
    if (kept === undefined) return;
    kept.ending = true;
    kept.version += 1;
    this.#collect();
  }

  status(kind: Kind, name: string): Status | undefined {
    return this.#kept.get(`${kind}/${name}`)?.status;
  }

  operator(holder = 'one'): Operator {
    const { clock, kv, log } = this;
    const instruments = new InstrumentBook([usEquity('SPY'), usEquity('QQQ')]);
    return new Operator(
      { cluster: this, clients: this.#clients(), clock, kv, log, meter: QUIET },
      { namespace: 'trading', holder, resyncMs: 5_000, instruments },
    );
  }

  /** Looks after all resources until nothing has to be tried again, as a process that is started anew each time. */
  async settle(): Promise<void> {
    for (let pass = 0; pass < 8; pass += 1) await this.operator().pass();
  }

  resources<K extends Kind>(kind: K): readonly Resource<K>[] {
    return [...(this.heard ?? this.#kept)]
      .filter(([key]) => key.startsWith(`${kind}/`))
      .map(([key, kept]) => resourceOf(kind, key.slice(kind.length + 1), kept));
  }

  read<K extends Kind>({ kind, name, uid }: Resource<K>): Promise<Resource<K> | undefined> {
    return this.#call(`read ${kind}`, () => {
      const kept = this.#kept.get(`${kind}/${name}`);
      return kept?.uid === uid ? resourceOf(kind, name, kept) : undefined;
    });
  }

  async changed(atMostMs: number, signal: AbortSignal): Promise<void> {
    await this.clock.sleep(atMostMs, signal);
  }

  writeStatus(resource: Resource, status: Status): Promise<Resource | undefined> {
    const { kind, name } = resource;
    return this.#call(`status ${kind}`, () => {
      const kept = this.#current(resource);
      if (kept === undefined) return undefined;
      const said = Object.entries(status).filter(([, value]) => !isEmpty(value));
      kept.status = Object.fromEntries(said);
      kept.version += 1;
      return resourceOf(kind, name, kept);
    });
  }

  setFinalizers(resource: Resource, finalizers: readonly string[]): Promise<void> {
    return this.#call(`finalizers ${resource.kind}`, () => {
      const kept = this.#current(resource);
      if (kept !== undefined) Object.assign(kept, { finalizers, version: kept.version + 1 });
      this.#collect();
    });
  }

  remove({ kind, name }: Resource): Promise<void> {
    return this.#call(`remove ${kind}`, () => this.delete(kind, name));
  }

  tell({ kind, name }: Resource, { reason, message }: Happening): Promise<void> {
    return this.#call(`event ${kind}`, () => {
      this.happened.push(`${kind}/${name} ${reason}${message === '' ? '' : `: ${message}`}`);
    });
  }

  #current({ kind, name, version }: Resource): Kept | undefined {
    const kept = this.#kept.get(`${kind}/${name}`);
    if (kept === undefined || String(kept.version) === version) return kept;
    throw new AppError({ code: 'OPERATOR.CONFLICT', why: `${name} has changed.`, fix: 'Again.' });
  }

  #collect(): void {
    for (const [key, { ending, finalizers }] of this.#kept) {
      if (ending && finalizers.length === 0) this.#kept.delete(key);
    }
  }

  async #call<T>(what: string, act: () => T): Promise<T> {
    this.calls += 1;
    this.asked.push(what);
    this.onCall(what);
    const silentMs = this.silent.get(what);
    if (silentMs !== undefined) {
      await this.clock.sleep(silentMs);
      throw lostAnswer(what);
    }
    const fails = this.failAt?.call === this.calls ? this.failAt.when : undefined;
    const lost = lostAnswer(what);
    if (fails === 'before') throw lost;
    const answer = act();
    if (fails === 'after') throw lost;
    return answer;
  }

  #command(
    kind: string,
    { botId, commandId }: { readonly botId: string; readonly commandId: string },
    act: (bot: BotRecord | undefined) => BotRecord | string,
  ) {
    this.onCommand({ commandId });
    return this.#call(kind, () => {
      const known = this.#answers.get(commandId);
      if (commandId !== '' && known !== undefined) return known;
      const became = act(this.bots.get(botId));
      const applied = typeof became !== 'string';
      if (applied) this.bots.set(botId, became);
      const answer = { commandId, applied, message: applied ? `${kind} done.` : became };
      this.#answers.set(commandId, answer);
      return answer;
    });
  }

  #clients(): Clients {
    const move =
      (kind: string, state: BotRecord['state']) =>
      (request: { botId: string; commandId: string }) =>
        this.#command(kind, request, (bot) =>
          bot === undefined ? 'no such bot.' : { ...bot, state },
        );
    const write = (kind: string) => (request: signalService.CreateBotRequest) => {
      const wanted = botFromWire(request.bot as signalService.Bot);
      const { botId } = wanted;
      return this.#command(kind, { ...request, botId }, (bot) => {
        if (this.refuses !== undefined) return this.refuses;
        if (wanted.symbols.includes('NOPE')) return 'the feed does not carry NOPE.';
        if (kind === 'CreateBot')
          return bot === undefined
            ? { ...wanted, state: wanted.state === 'paused' ? 'paused' : 'running' }
            : 'there is one.';
        return bot === undefined
          ? 'no such bot.'
          : { ...wanted, state: bot.state, configRevision: bot.configRevision + 1 };
      });
    };
    const point = { realisedMicros: 1_500_000n, unrealisedMicros: -250_000n, feesMicros: 10_000n };
    return {
      signal: {
        listBots: () =>
          this.#call('ListBots', () => ({ bots: [...this.bots.values()].map(botToWire) })),
        createBot: write('CreateBot'),
        changeBot: write('ChangeBot'),
        pauseBot: move('PauseBot', 'paused'),
        resumeBot: move('ResumeBot', 'running'),
        stopBot: move('StopBot', 'stopped'),
      },
      risk: {
        listAccounts: async () => ({
          accounts: this.accounts.map((accountId) => ({
            ...{ accountId, venue: 'paper', mode: 'paper', currency: 'USD', limitsJson: '{}' },
          })),
        }),
        getLedger: async () => ({
          positions: [
            { botId: 'trend', symbol: 'SPY', quantity: 10n },
            { botId: 'trend', symbol: 'QQQ', quantity: 0n },
            { botId: 'other', symbol: 'SPY', quantity: -4n },
          ],
          cash: [],
        }),
        setLimits: (request: { setJson: string; commandId: string }) =>
          this.#call('SetLimits', () => {
            for (const [key, value] of Object.entries(JSON.parse(request.setJson) as object)) {
              if (key === 'nonsense')
                return { applied: false, message: "there is no limit 'nonsense'." };
              if (value === null) this.limits.delete(key);
              else this.limits.set(key, value);
            }
            return { applied: true, message: 'set.' };
          }),
      },
      execution: { getKillSwitch: async () => ({ switches: [{ accountId: 'paper', mode: 2 }] }) },
      reporting: {
        getEquity: () =>
          this.#call('GetEquity', () => ({
            points: [{ ...point, cashMicros: int64.of(5_000_000), marketValueMicros: 0n }],
          })),
      },
      backtest: {
        submitJob: ({ specJson }: { specJson: string }) =>
          this.#call('SubmitJob', () => {
            if (specJson.includes('NOPE'))
              throw new AppError({ code: 'BACKTEST.SPEC', why: 'there is no NOPE.', fix: 'See.' });
            const job = this.jobs.get(specJson) ?? { state: 'queued', error: '', resultJson: '' };
            this.jobs.set(specJson, job);
            return { job: jobOf(specJson, job) };
          }),
        getJob: async ({ jobId }: { jobId: string }) => {
          const job = this.jobs.get(jobId);
          return { job: job && jobOf(jobId, job) };
        },
      },
    } as unknown as Clients;
  }
}

const lostAnswer = (what: string) =>
  new AppError({
    code: 'RPC.TIMEOUT',
    why: `no answer to ${what}.`,
    fix: 'Wait.',
    retry: 'retryable',
  });

const jobOf = (jobId: string, { endedAtUs = 0, ...job }: StoredJob) => ({
  ...{ jobId, digest: 'd', updatedAtUs: int64.of(endedAtUs) },
  ...job,
});

function resourceOf<K extends Kind>(kind: K, name: string, { spec, ...kept }: Kept): Resource<K> {
  return { kind, name, ...kept, version: String(kept.version), spec: readSpec(kind, spec) };
}
