/** The kill switch of an account. `soft`: no adding order. `hard`: execution also cancels and flattens. */
export const KILL_MODES = ['off', 'soft', 'hard'] as const;
export type KillMode = (typeof KILL_MODES)[number];

export interface KillSwitch {
  readonly mode: KillMode;
  /** Who threw it. */
  readonly actor: string;
  /** In words. */
  readonly reason: string;
}

/** A switch that nobody has thrown. */
export const KILL_OFF: KillSwitch = { mode: 'off', actor: '', reason: '' };
