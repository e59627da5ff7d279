import type { BotSchedule, SizingRule } from '@capstan/domain';
import type { ParameterValue, ShutdownRule } from '@capstan/ports';

/** What somebody wants of a bot. Its name is the resource's. */
export interface BotSpec {
  readonly accountId: string;
  readonly feed: string;
  readonly strategy: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
  readonly symbols: readonly string[];
  readonly sizing: SizingRule;
  readonly schedule?: BotSchedule;
  readonly restartOnCrash: boolean;
  readonly onShutdown: ShutdownRule;
  readonly paused: boolean;
}

/** What somebody wants of an account, which the configuration has. */
export interface AccountSpec {
  /** Limits as a configuration writes them, by key; what is not named stays as it is. */
  readonly limits: Readonly<Record<string, unknown>>;
}

/** A backtest as `POST /api/jobs` takes it. */
export interface BacktestJobSpec {
  /** As JSON, its keys sorted: the same specification is the same job. */
  readonly json: string;
}

export interface Specs {
  readonly Bot: BotSpec;
  readonly Account: AccountSpec;
  readonly BacktestJob: BacktestJobSpec;
}

export type Kind = keyof Specs;
export const KINDS = ['Bot', 'Account', 'BacktestJob'] as const satisfies readonly Kind[];

/** What is told of a resource. */
export type Status = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Tells whether a value says nothing: it is then as good as absent. */
export const isEmpty = (value: Status[string]): boolean =>
  value === undefined || (typeof value !== 'number' && value.length === 0);

/** A resource as it was last seen. */
export interface Resource<K extends Kind = Kind> {
  readonly kind: K;
  readonly name: string;
  readonly uid: string;
  /** Rises with each change of what is wanted. */
  readonly generation: number;
  /** Somebody asked for its end; it is there until its finalizers are gone. */
  readonly ending: boolean;
  readonly finalizers: readonly string[];
  /** The person allows that a bot which is there already becomes this resource's. */
  readonly adopts: boolean;
  readonly spec:
    | { readonly kind: 'read'; readonly value: Specs[K] }
    | { readonly kind: 'wrong'; readonly why: string };
  readonly status: Status;
}

/** The resources of one namespace. */
export interface Cluster {
  /** By name. */
  resources<K extends Kind>(kind: K): readonly Resource<K>[];
  /** Resolves as something changes, or after a time. */
  changed(atMostMs: number, signal: AbortSignal): Promise<void>;
  /** Writes what is told of a resource; one that is gone is passed over. @throws OPERATOR.CLUSTER */
  writeStatus(resource: Resource, status: Status): Promise<void>;
  /** @throws OPERATOR.CLUSTER */
  setFinalizers(resource: Resource, finalizers: readonly string[]): Promise<void>;
}
