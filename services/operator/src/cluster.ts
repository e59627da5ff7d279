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
  /** The resource goes so long after the job has ended; it stays where absent. */
  readonly keptSeconds?: number;
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
  /** Changes with every change of it; what is written over another version is refused. */
  readonly version: string;
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

/** Something that happened to a resource, as `kubectl describe` lists it. */
export interface Happening {
  /** In a word, such as `CreateBot` or `Refused`. */
  readonly reason: string;
  readonly message: string;
  /** Somebody should look. */
  readonly warns: boolean;
}

/** The resources of one namespace. */
export interface Cluster {
  /** As they were last heard of, by name. */
  resources<K extends Kind>(kind: K): readonly Resource<K>[];
  /** One resource as it is at this moment; `undefined` where it is gone. @throws OPERATOR.CLUSTER */
  read<K extends Kind>(resource: Resource<K>): Promise<Resource<K> | undefined>;
  /** Resolves as something else is wanted, at once where that was since it resolved last, or after a time. */
  changed(atMostMs: number, signal: AbortSignal): Promise<void>;
  /**
   * Writes what is told of a resource.
   * @returns the resource as it is then; `undefined` where it is gone.
   * @throws OPERATOR.CONFLICT where it is another version by now. @throws OPERATOR.CLUSTER
   */
  writeStatus(resource: Resource, status: Status): Promise<Resource | undefined>;
  /** @throws OPERATOR.CONFLICT where it is another version by now. @throws OPERATOR.CLUSTER */
  setFinalizers(resource: Resource, finalizers: readonly string[]): Promise<void>;
  /** Asks for the end of a resource; one that is gone, or was made anew, is passed over. @throws OPERATOR.CLUSTER */
  remove(resource: Resource): Promise<void>;
  /** Tells what happened to a resource. @throws OPERATOR.CLUSTER */
  tell(resource: Resource, happening: Happening): Promise<void>;
}
