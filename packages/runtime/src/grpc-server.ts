import type { GrpcService } from '@capstan/contracts';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import type { HealthState } from './health.ts';
import { HEALTH_REFRESH_MS } from './limits.ts';
import { listenError } from './listen-error.ts';

/** The contracts' sources, for clients that ask the server what it serves. */
export interface ReflectionSources {
  /** The folder that imports are relative to. */
  readonly root: string;
  /** The files, relative to `root`. */
  readonly files: readonly string[];
}

/** What the gRPC server of a service serves. */
export interface GrpcServerOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly services: readonly GrpcService[];
  readonly healthState: HealthState;
  readonly reflection?: ReflectionSources | undefined;
}

/** The gRPC server of a service, with the health protocol and, on request, reflection. */
export interface GrpcServer {
  readonly port: number;
  /** Brings the health protocol's answers up to date now. */
  refreshHealth(): Promise<void>;
  /** Lets calls in hand end, and cuts them after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Starts the gRPC server of a service. @throws RUNTIME.PORT_TAKEN */
export async function startGrpc(options: GrpcServerOptions): Promise<GrpcServer> {
  const server = new Server();
  const names = [''];
  for (const { definition, implementation } of options.services) {
    server.addService(definition, implementation);
    names.push(...serviceNames(definition));
  }
  const health = new HealthImplementation(
    Object.fromEntries(names.map((name) => [name, 'NOT_SERVING'])),
  );
  health.addToServer(server);
  if (options.reflection !== undefined) addReflection(server, options.reflection);
  const port = await bind(server, options);
  const refreshHealth = async (): Promise<void> => {
    const { healthState } = options;
    const ok = healthState.phase === 'started' && (await healthState.ready()).ok;
    for (const name of names) health.setStatus(name, ok ? 'SERVING' : 'NOT_SERVING');
  };
  await refreshHealth();
  const refreshing = setInterval(() => void refreshHealth(), HEALTH_REFRESH_MS);
  refreshing.unref();
  return {
    port,
    refreshHealth,
    stop: async (graceMs) => {
      clearInterval(refreshing);
      for (const name of names) health.setStatus(name, 'NOT_SERVING');
      const timer = setTimeout(() => server.forceShutdown(), graceMs);
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      clearTimeout(timer);
    },
  };
}

function serviceNames(definition: GrpcService['definition']): string[] {
  const paths = Object.values(definition).map((method) => method.path.split('/')[1] ?? '');
  return [...new Set(paths)].filter((name) => name !== '');
}

function addReflection(server: Server, { root, files }: ReflectionSources): void {
  const loaded = loadSync([...files], { includeDirs: [root], longs: String });
  new ReflectionService(loaded).addToServer(server);
}

/** Writes host and port as one text, a host of IPv6 in brackets. */
export function listenAddress({ host, port }: Pick<GrpcServerOptions, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function bind(server: Server, options: GrpcServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(listenAddress(options), ServerCredentials.createInsecure(), (cause, port) => {
      if (cause === null) resolve(port);
      else reject(listenError({ ...options, server: 'gRPC', key: 'server.grpcPort' }, cause));
    });
  });
}
