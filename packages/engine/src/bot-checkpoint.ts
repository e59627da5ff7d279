import { AppError, type Timeframe, type TimeUs } from '@capstan/domain';
import type { ResolvedParameters } from '@capstan/strategy';
import type { ReferencesState } from './bot-references.ts';
import type { BotSymbolState } from './bot-symbol.ts';
import type { LongerBarsState } from './longer-bars.ts';

const VERSION = 1;

/** What a checkpoint is valid for: kernels and states of another setup mean nothing here. */
export interface BotSetup {
  readonly strategy: string;
  readonly params: ResolvedParameters;
  readonly feed: string;
  readonly timeframe: Timeframe;
  /** Sorted. */
  readonly symbols: readonly string[];
}

/** The state of a bot as of a slice. */
export interface BotCheckpoint {
  /** End of the first slice with a bar of the bot; null before it. */
  readonly anchorUs: TimeUs | null;
  /** End of the last slice stepped; null before it. */
  readonly lastSliceEndUs: TimeUs | null;
  readonly symbols: Readonly<Record<string, BotSymbolState>>;
  /** Kernels of the symbols that its strategy reads beside its own; absent where it reads none. */
  readonly references?: ReferencesState;
  /** Longer bars that are being built; absent where there are none. */
  readonly longer?: LongerBarsState;
}

/** Writes a checkpoint as JSON. */
export function writeCheckpoint(setup: BotSetup, checkpoint: BotCheckpoint): string {
  return JSON.stringify({ version: VERSION, setup, ...checkpoint });
}

/** Reads a checkpoint back. @throws STRATEGY.CHECKPOINT when it is damaged or of another setup. */
export function readCheckpoint(setup: BotSetup, json: string): BotCheckpoint {
  const data = parse(json);
  if (!isRecord(data) || data.version !== VERSION || !isRecord(data.symbols)) {
    return refuse('is no checkpoint of a bot');
  }
  const wanted: Readonly<Record<string, unknown>> = { ...setup };
  const stored = isRecord(data.setup) ? data.setup : {};
  for (const [key, value] of Object.entries(wanted)) {
    const here = JSON.stringify(value);
    const there = JSON.stringify(stored[key]);
    if (here !== there) refuse(`was made with ${key} ${there}, and the bot has ${here}`);
  }
  const symbols: Record<string, BotSymbolState> = {};
  for (const symbol of setup.symbols) {
    const state = data.symbols[symbol];
    if (!isSymbolState(state)) return refuse(`has no state of ${symbol}`);
    symbols[symbol] = state;
  }
  return {
    anchorUs: timeOf(data.anchorUs),
    lastSliceEndUs: timeOf(data.lastSliceEndUs),
    symbols,
    ...(isRecord(data.references) ? { references: data.references as ReferencesState } : {}),
    ...(isRecord(data.longer) ? { longer: data.longer as LongerBarsState } : {}),
  };
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    return refuse('is not JSON', cause);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSymbolState(value: unknown): value is BotSymbolState {
  return isRecord(value) && Number.isSafeInteger(value.bars) && isRecord(value.graph);
}

function timeOf(value: unknown): TimeUs | null {
  if (value === null || Number.isSafeInteger(value)) return value as TimeUs | null;
  return refuse('has a time that is none');
}

function refuse(rule: string, cause?: unknown): never {
  throw new AppError({
    code: 'STRATEGY.CHECKPOINT',
    why: `the checkpoint ${rule}.`,
    fix: 'Discard it and warm up from history.',
    cause,
  });
}
