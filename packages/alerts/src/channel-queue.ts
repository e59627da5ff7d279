import { type TimeUs, timeUs } from '@capstan/domain';
import { ALERT_LEVELS, type ToldAlert } from './alert.ts';
import { LIMITS } from './limits.ts';

/** Why a message did not get through; never with a secret in it. */
export interface SendFailure {
  readonly why: string;
  /** `message` means that this very message is refused and would be again; `channel` that nothing gets through now. */
  readonly of: 'message' | 'channel';
  /** How long the channel asks to be left alone. */
  readonly waitUs?: number;
}

/** How a channel is, as it is stored and shown. */
export interface ChannelState {
  readonly channel: string;
  /** The oldest first. */
  readonly pending: readonly ToldAlert[];
  /** Failures in a row. */
  readonly failures: number;
  /** Nothing is sent before this. */
  readonly retryAtUs: TimeUs;
  /** The last failure since a message got through, in words; empty where there was none. */
  readonly problem: string;
  /** When a message last got through; 0 before the first. */
  readonly sentAtUs: TimeUs;
  /** Alerts given up: too many, too old, or refused. */
  readonly dropped: number;
}

/** Returns a channel that nothing was sent to. */
export function newChannel(channel: string): ChannelState {
  const never = timeUs(0);
  return {
    channel,
    pending: [],
    failures: 0,
    retryAtUs: never,
    problem: '',
    sentAtUs: never,
    dropped: 0,
  };
}

/** Adds an alert; where too many wait, the oldest of the lowest level goes. */
export function enqueue(state: ChannelState, alert: ToldAlert): ChannelState {
  const pending = [...state.pending, alert];
  if (pending.length <= LIMITS.pendingMax) return { ...state, pending };
  const lowest = Math.min(...pending.map(({ level }) => ALERT_LEVELS.indexOf(level)));
  const at = pending.findIndex(({ level }) => ALERT_LEVELS.indexOf(level) === lowest);
  return { ...state, pending: pending.toSpliced(at, 1), dropped: state.dropped + 1 };
}

/** Gives up what has waited too long. */
export function dropOld(state: ChannelState, nowUs: TimeUs): ChannelState {
  const pending = state.pending.filter(({ atUs }) => nowUs < atUs + LIMITS.pendingAgeUsMax);
  if (pending.length === state.pending.length) return state;
  return { ...state, pending, dropped: state.dropped + state.pending.length - pending.length };
}

/** Returns what is to be sent now in one message, the oldest first; while it is quiet only what is critical. */
export function dueOf(
  state: ChannelState,
  now: { readonly nowUs: TimeUs; readonly quiet: boolean },
): readonly ToldAlert[] {
  if (now.nowUs < state.retryAtUs) return [];
  const due = state.pending.filter(({ level }) => !now.quiet || level === 'critical');
  return due.slice(0, LIMITS.batchMax);
}

/** Notes that a message got through. */
export function noteSent(
  state: ChannelState,
  sequences: readonly number[],
  nowUs: TimeUs,
): ChannelState {
  const pending = without(state, sequences);
  return { ...state, pending, failures: 0, retryAtUs: timeUs(0), problem: '', sentAtUs: nowUs };
}

/** Notes that a message did not get through: what the channel refuses is given up, everything else is tried again, ever later. */
export function noteFailed(
  state: ChannelState,
  sequences: readonly number[],
  failure: SendFailure,
  nowUs: TimeUs,
): ChannelState {
  const failures = state.failures + 1;
  const pauseUs = Math.min(
    LIMITS.retryFirstUs * 2 ** Math.min(failures - 1, 20),
    LIMITS.retryUsMax,
  );
  const retryAtUs = timeUs(nowUs + Math.max(pauseUs, failure.waitUs ?? 0));
  const failed = { ...state, failures, retryAtUs, problem: failure.why };
  if (failure.of === 'channel') return failed;
  const pending = without(state, sequences);
  return { ...failed, pending, dropped: state.dropped + state.pending.length - pending.length };
}

const without = (state: ChannelState, sequences: readonly number[]): readonly ToldAlert[] =>
  state.pending.filter(({ sequence }) => !sequences.includes(sequence));
