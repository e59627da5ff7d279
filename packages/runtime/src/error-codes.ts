/** Every code of an `AppError` that this package throws. */
export const RUNTIME_ERRORS = [
  {
    code: 'CONFIG.FILE',
    meaning: 'The configuration file, or a mounted secret, cannot be read.',
    fix: 'Check the path that the message names and who may read it.',
  },
  {
    code: 'CONFIG.SECRET',
    meaning: 'A secret is not where the configuration says.',
    fix: 'Set the variable, or mount the file, that the message names.',
  },
  {
    code: 'CONFIG.SYNTAX',
    meaning: 'The configuration file is not YAML.',
    fix: 'Correct the line that the message names.',
  },
  {
    code: 'CONFIG.INVALID',
    meaning: 'A configuration key is unknown, missing, or has a value that is not allowed.',
    fix: 'Correct the keys that the message names; `capstan config explain` lists all of them.',
  },
  {
    code: 'RUNTIME.USAGE',
    meaning: 'A service was started with an argument that it does not know.',
    fix: 'The only argument is `--config <file>`.',
  },
  {
    code: 'RUNTIME.PORT_TAKEN',
    meaning: 'A port that a service wants to listen on cannot be had.',
    fix: 'Stop the process that holds it, or set the configuration key that the message names.',
  },
] as const;
