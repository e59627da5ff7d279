import type { Kind, Status } from '../cluster.ts';

/** How one aspect of a resource stands, in the form that `kubectl wait --for=condition=…` reads. */
export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly observedGeneration: number;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** The phase in which the aspect of a kind holds. */
const HOLDS: Readonly<Record<Kind, Readonly<Record<string, string>>>> = {
  Bot: { Ready: 'Running' },
  Account: { Ready: 'Ready' },
  BacktestJob: { Complete: 'Done', Failed: 'Failed' },
};

/**
 * Puts a status into conditions: `Accepted` says whether what is wanted was taken, the others whether it is so.
 * @param before those that stand, whose time stays where nothing turned.
 * @param now an instant in RFC 3339.
 */
export function conditionsOf(
  kind: Kind,
  status: Status,
  { before, generation, now }: { before: readonly Condition[]; generation: number; now: string },
): readonly Condition[] {
  const { phase = 'Unknown', refused, message = '', observedGeneration } = status;
  const isRefused = phase === 'Refused' || refused !== undefined;
  const isSeen = observedGeneration === generation;
  const aspects: readonly (readonly [string, Condition['status']])[] = [
    ['Accepted', isRefused ? 'False' : isSeen ? 'True' : 'Unknown'],
    ...Object.entries(HOLDS[kind]).map(([type, holds]) => [type, standing(phase, holds)] as const),
  ];
  return aspects.map(([type, stands]) => {
    const known = before.find((one) => one.type === type);
    const stays = known?.status === stands;
    return {
      ...{ type, status: stands, observedGeneration: Number(observedGeneration ?? 0) },
      lastTransitionTime: stays ? known.lastTransitionTime : now,
      reason: type === 'Accepted' ? REASONS[stands] : String(phase),
      // Never empty: not every server of the API tells an empty text from none, which a condition may not have.
      message: String(message) || (type === 'Accepted' ? MESSAGES[stands] : `It is ${phase}.`),
    };
  });
}

const REASONS = { True: 'PassedOn', False: 'Refused', Unknown: 'Waiting' } as const;

const MESSAGES = {
  True: 'The platform has taken what is wanted.',
  False: 'The platform has not taken what is wanted.',
  Unknown: 'The platform has not been told yet what is wanted.',
} as const;

const standing = (phase: Status[string], holds: string): Condition['status'] =>
  phase === 'Unknown' ? 'Unknown' : phase === holds ? 'True' : 'False';
