/** The operating failures that this package names. */
export const EMULATOR_ERRORS = [
  {
    code: 'EMULATOR.OPTION',
    meaning: 'An emulator cannot be started by what it was given.',
    fix: 'Correct what the message names.',
  },
  {
    code: 'EMULATOR.PORT',
    meaning: 'An emulator cannot listen where it was told to.',
    fix: 'Name a free port, or 0 for any.',
  },
  {
    code: 'EMULATOR.STATE',
    meaning: "An emulator's state file cannot be read or written, or is one of other settings.",
    fix: 'Name another file, or start with the settings that the message names.',
  },
] as const;
