import { AppError, type InstrumentBook, type TimeUs } from '@capstan/domain';
import type { CommitDraft } from '@capstan/journal';
import type { CommandRecord } from '@capstan/ports';
import type { LimitsChange, RiskLimits } from '@capstan/risk';
import type { LimitsBook } from './limits-book.ts';

/** The kind of command that changes limits. Its payload is a `LimitsChange` as JSON. */
export const SET_LIMITS = 'SetLimits';

/** What a command leads to. */
export interface TakenLimits {
  /** The limits from now on; absent where it is refused. */
  readonly limits?: RiskLimits;
  /** What changed, for the log. */
  readonly said: Readonly<Record<string, unknown>>;
  /** The answer, with its audit record where something changed. */
  readonly answer: (atUs: TimeUs) => CommitDraft;
}

/** Judges a command to change limits: what cannot be is refused with the reason, and the limits stay. */
export function takeLimits(
  command: CommandRecord,
  book: LimitsBook,
  of: {
    readonly accountId: string;
    readonly bots: readonly string[];
    readonly instruments: InstrumentBook;
  },
): TakenLimits {
  const { commandId, kind, actor } = command;
  const refuse = (result: string): TakenLimits => ({
    said: {},
    answer: () => ({ commands: [{ commandId, state: 'refused', result }] }),
  });
  if (kind !== SET_LIMITS) return refuse(`an account's risk knows no command ${kind}.`);
  const change = changeOf(command.payload);
  if (change === undefined) return refuse('the change cannot be read.');
  try {
    const limits = book.after(change, of);
    const result = 'the limits hold from the next decision on.';
    return {
      limits,
      said: { ...change },
      answer: (atUs) => ({
        commands: [{ commandId, state: 'done', result }],
        audit: [
          {
            ...{ auditId: commandId, atUs, actor, action: kind, subject: of.accountId },
            details: JSON.stringify(change),
          },
        ],
      }),
    };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return refuse([error.why, error.fix].filter((one) => one !== undefined).join(' '));
  }
}

function changeOf(payload: string): LimitsChange | undefined {
  const { botId, symbol, set } = fieldsOf(payload);
  if (typeof set !== 'object' || set === null || Array.isArray(set)) return undefined;
  return {
    ...(typeof botId === 'string' && botId !== '' ? { botId } : {}),
    ...(typeof symbol === 'string' && symbol !== '' ? { symbol } : {}),
    set: set as LimitsChange['set'],
  };
}

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
