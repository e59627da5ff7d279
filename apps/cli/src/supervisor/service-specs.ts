import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '@capstan/runtime';
import {
  type StackAddresses,
  serviceConfigText,
  serviceEnvironment,
} from '../config/service-config.ts';
import type { StackPlan } from '../config/stack-config.ts';
import { CODE_CACHE_DIR, PROJECT_ROOT, RUNTIME_HOOK } from '../project.ts';
import { mainModule, SERVICES, type ServiceEntry } from '../service-list.ts';
import type { ProcessSpec } from './supervised-process.ts';

/** The port that each service's HTTP and gRPC servers get, by name. */
export type PortPlan = Readonly<Record<string, { readonly http: number; readonly grpc: number }>>;

/** How many ports {@link planPorts} needs. */
export const PORTS_NEEDED = SERVICES.reduce(
  (sum, { needsGrpcPort }) => sum + (needsGrpcPort ? 2 : 1),
  0,
);

/** Deals ports out to the services; the gateway serves the dashboard on its own. */
export function planPorts(ports: readonly number[], dashboardPort: number): PortPlan {
  const left = [...ports];
  const take = (): number => left.shift() ?? 0;
  return Object.fromEntries(
    SERVICES.map(({ name, needsGrpcPort }) => {
      const http = take();
      const grpc = needsGrpcPort ? take() : 0;
      return [
        name,
        { http: name === 'gateway' && dashboardPort !== 0 ? dashboardPort : http, grpc },
      ];
    }),
  );
}

/** Where the services' HTTP servers are, by name. */
export function serviceUrls(ports: PortPlan): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(ports).map(([name, { http }]) => [name, `http://127.0.0.1:${http}`]),
  );
}

/** Writes each service's configuration into the data directory and returns how to start them. */
export function writeServiceSpecs(
  plan: StackPlan,
  addresses: Pick<StackAddresses, 'natsUrl' | 'postgresUrl'>,
  ports: PortPlan,
  environment: Environment,
): readonly ProcessSpec[] {
  const folder = join(plan.dataDir, 'config');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const childEnvironment = serviceEnvironment(plan, environment, CODE_CACHE_DIR);
  const stack: StackAddresses = {
    ...addresses,
    paperExchangePort: ports['paper-exchange']?.grpc ?? 0,
    paperExchangeJournal: join(plan.dataDir, 'paper-exchange/journal.jsonl'),
  };
  mkdirSync(join(plan.dataDir, 'paper-exchange'), { recursive: true, mode: 0o700 });
  return SERVICES.map((service) => {
    const file = join(folder, `${service.name}.yaml`);
    const own = ports[service.name] ?? { http: 0, grpc: 0 };
    writeFileSync(file, serviceConfigText(plan, stack, own), { mode: 0o600 });
    chmodSync(file, 0o600);
    return specOf(service, file, own.http, childEnvironment);
  });
}

function specOf(
  service: ServiceEntry,
  file: string,
  httpPort: number,
  environment: Readonly<Record<string, string>>,
): ProcessSpec {
  return {
    name: service.name,
    command: process.execPath,
    args: ['--import', RUNTIME_HOOK, mainModule(service.name), '--config', file],
    cwd: PROJECT_ROOT,
    environment,
    url: `http://127.0.0.1:${httpPort}`,
    stopWave: service.stopWave,
    isFirst: service.isFirst === true,
  };
}
