import type { Environment } from '@capstan/runtime';
import { stringify } from 'yaml';
import type { StackPlan } from './stack-config.ts';

/** Where one service listens. */
export interface ServicePorts {
  readonly http: number;
  /** 0 takes any free one. */
  readonly grpc: number;
}

/** Where everything of a running stack is. */
export interface StackAddresses {
  readonly natsUrl: string;
  readonly postgresUrl: string;
  readonly paperExchangePort: number;
  /** File of the paper exchange's own memory. */
  readonly paperExchangeJournal: string;
}

/** Writes the configuration file of one service: all that was resolved, and where it listens itself. */
export function serviceConfigText(
  plan: StackPlan,
  addresses: StackAddresses,
  ports: ServicePorts,
): string {
  const { supervisor: _own, server, ...shared } = plan.config;
  const { natsUrl, postgresUrl, paperExchangePort, paperExchangeJournal } = addresses;
  const values = {
    ...plan.otherSections,
    ...shared,
    nats: { ...shared.nats, url: natsUrl },
    postgres: { ...shared.postgres, url: postgresUrl },
    paperExchange: {
      ...shared.paperExchange,
      address: `127.0.0.1:${paperExchangePort}`,
      journal: paperExchangeJournal,
    },
    // The supervisor reads the lines and writes them as the person wants them.
    log: { ...shared.log, format: 'json' },
    server: { ...server, host: '127.0.0.1', httpPort: ports.http, grpcPort: ports.grpc },
  };
  return `# Written by capstan up at each start: change ${plan.file} instead.\n${stringify(values)}`;
}

/**
 * Returns the environment of a service: ours without the variables that the resolved file already contains, for they would
 * win over it, and with the mark by which a service ends when its supervisor does.
 */
export function serviceEnvironment(
  plan: StackPlan,
  environment: Environment,
  cacheDir: string,
): Record<string, string> {
  const resolved = Object.keys(plan.config).map(variablePrefix);
  const kept = Object.entries(environment).filter(
    ([name, value]) =>
      value !== undefined &&
      name !== 'CAPSTAN_CONFIG' &&
      !resolved.some((prefix) => name.startsWith(prefix)),
  );
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    CAPSTAN_SUPERVISED: '1',
    NODE_COMPILE_CACHE: cacheDir,
  };
}

function variablePrefix(section: string): string {
  const name = section.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll('-', '_');
  return `CAPSTAN_${name.toUpperCase()}__`;
}
