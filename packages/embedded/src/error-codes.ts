/** Every code of an `AppError` that this package throws. */
export const EMBEDDED_ERRORS = [
  {
    code: 'EMBEDDED.PORT_TAKEN',
    meaning: 'A port that an embedded server needs is held by another process.',
    fix: 'Stop the process that the message names, or set the configuration key that it names.',
  },
  {
    code: 'EMBEDDED.DATA_DIR_IN_USE',
    meaning: 'Another live server uses the same data directory.',
    fix: 'Stop it, or choose another data directory.',
  },
  {
    code: 'EMBEDDED.LOCK_TIMEOUT',
    meaning: 'Another process held a lock file for longer than is plausible.',
    fix: 'Wait for it, or stop it and delete the file that the message names.',
  },
  {
    code: 'EMBEDDED.START_FAILED',
    meaning: 'An embedded server ended, or said nothing, before it was ready.',
    fix: 'Read its last words in the message.',
  },
  {
    code: 'EMBEDDED.NATS_MISSING',
    meaning: 'No usable nats-server was found, and none could be fetched.',
    fix: 'Install nats-server 2.10 or newer, or name the one you have.',
  },
  {
    code: 'EMBEDDED.NATS_UNUSABLE',
    meaning: 'The nats-server that was named does not run, or is older than 2.10.',
    fix: 'Name nats-server 2.10 or newer.',
  },
  {
    code: 'EMBEDDED.PROGRAM_MISSING',
    meaning:
      'A program that a check needs is not here, and its Debian package could not be fetched.',
    fix: 'Run the check on a Debian with apt, whose mirror answers.',
  },
  {
    code: 'EMBEDDED.POSTGRES_MISSING',
    meaning: 'The PostgreSQL binaries for this platform are absent or cannot be run.',
    fix: 'Install the optional dependencies, or use a PostgreSQL of your own by its URL.',
  },
  {
    code: 'EMBEDDED.POSTGRES_USER',
    meaning: 'Started as root, and no unprivileged user exists that PostgreSQL could run as.',
    fix: 'Create a user named postgres, or do not run as root.',
  },
  {
    code: 'EMBEDDED.POSTGRES_INIT',
    meaning: 'A PostgreSQL data directory could not be created.',
    fix: 'Check that the directory is writable and that the disk has room.',
  },
  {
    code: 'EMBEDDED.POSTGRES_QUERY',
    meaning: 'The embedded PostgreSQL refused an administrative statement.',
    fix: 'Read its answer in the message.',
  },
] as const;
