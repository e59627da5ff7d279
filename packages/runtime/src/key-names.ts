/** Every service's section, and the sections that services share: one file configures a whole installation. */
export const SECTION_NAMES = [
  'market-data',
  'signal',
  'risk',
  'execution',
  'position-sync',
  'backtest-worker',
  'reporting',
  'gateway',
  'operator',
  'paper-exchange',
  'supervisor',
  'run',
  'alerts',
  'installation',
  'paperExchange',
  'auth',
  'dashboard',
  'nats',
  'postgres',
  'lake',
  'accounts',
  'bots',
  'feeds',
  'instruments',
  'venues',
  'log',
  'telemetry',
  'server',
] as const;

export const ENVIRONMENT_PREFIX = 'CAPSTAN_';
const LEVEL_SEPARATOR = '__';

/** Reduces a name to what is the same in a file and in the environment: `httpPort`, `HTTP_PORT`, `http-port`. */
export function plainName(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** Returns the environment variable of a key: `['server', 'httpPort']` → `CAPSTAN_SERVER__HTTP_PORT`. */
export function environmentName(path: readonly string[]): string {
  const level = (name: string): string =>
    name
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll('-', '_')
      .toUpperCase();
  return ENVIRONMENT_PREFIX + path.map(level).join(LEVEL_SEPARATOR);
}

/** Splits a variable's name into its levels; undefined when it names no configuration key. */
export function environmentPath(name: string): readonly string[] | undefined {
  if (!name.startsWith(ENVIRONMENT_PREFIX)) return undefined;
  const levels = name.slice(ENVIRONMENT_PREFIX.length).split(LEVEL_SEPARATOR);
  return levels.length > 1 && levels.every((level) => level !== '') ? levels : undefined;
}
