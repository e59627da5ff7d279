import { parseArgs } from 'node:util';
import { FAULTS } from './faults.ts';

const WIDTH = 28;
const MINUTES = 15;

const USAGE = `Breaks the real platform while it trades, and holds what it did against what an undisturbed run does.

  npm run drills                    every fault in an order of chance, for at most ${MINUTES} minutes
      --minutes M                   for at most M minutes: all faults, again and again
      --only NAME[,NAME...]         only these faults
      --seed N                      in the order and with the times of this seed
      --list                        names the faults

What was seen is told as a table; the exit code is 1 where something is wrong, and then the logs stay.
`;

/** What the command line asks for. */
export type DrillArguments =
  | { readonly kind: 'say'; readonly text: string }
  | {
      readonly kind: 'drill';
      readonly seed: number;
      /** No fault begins later. */
      readonly minutes: number;
      /** Whether every fault strikes once only, or as often as there is time. */
      readonly isOnce: boolean;
      readonly names: readonly string[];
    };

/** A command line that asks for nothing that there is: its message says what is wrong and what may be asked. */
export class UsageError extends Error {}

const OPTIONS = {
  minutes: { type: 'string' },
  only: { type: 'string' },
  seed: { type: 'string' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads a command line.
 * @param freshSeed the seed where none is given.
 * @throws UsageError where it asks for nothing that there is.
 */
export function readArguments(args: readonly string[], freshSeed: number): DrillArguments {
  const values = parse(args);
  if (values.help === true) return { kind: 'say', text: USAGE };
  if (values.list === true) return { kind: 'say', text: listOfFaults() };
  return {
    kind: 'drill',
    seed: values.seed === undefined ? freshSeed : seedOf(values.seed),
    minutes: values.minutes === undefined ? MINUTES : minutesOf(values.minutes),
    isOnce: values.minutes === undefined,
    names: values.only === undefined ? FAULTS.map(({ name }) => name) : namesOf(values.only),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function seedOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--seed ${text}: say a whole number.`);
  return Number(text);
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (minutes > 0 && Number.isFinite(minutes)) return minutes;
  throw new UsageError(`--minutes ${text}: say a number above 0.`);
}

function namesOf(text: string): readonly string[] {
  const names = text.split(',');
  const unknown = names.find((name) => FAULTS.every((one) => one.name !== name));
  if (unknown === undefined) return names;
  throw new UsageError(`--only ${unknown}: no fault is called so.\n\n${listOfFaults()}`);
}

function listOfFaults(): string {
  return FAULTS.map(({ name, title }) => `${name.padEnd(WIDTH)}${title}\n`).join('');
}
