import {
  backtestService,
  busClient,
  executionService,
  reportingService,
  riskService,
  signalService,
} from '@capstan/contracts';
import { AppError } from '@capstan/domain';
import { openPlatform, wired } from '@capstan/platform';
import type { ConfigOf, ServiceContext, WiredService } from '@capstan/runtime';
import type { configSchema } from './config.ts';
import type { OperatorErrorCode } from './error-codes.ts';
import { KubeCluster, kubeConfig } from './kubernetes/kube-cluster.ts';
import { ownNamespace } from './kubernetes/own-namespace.ts';
import { Operator } from './operator.ts';

/** Puts the service together: the resources of one namespace, and who looks after them. */
export async function wire(
  context: ServiceContext<ConfigOf<typeof configSchema>>,
): Promise<WiredService> {
  const { config, log, clock, meter, ids } = context;
  const namespace = config.operator.namespace ?? ownNamespace();
  if (namespace === undefined) throw noNamespace();
  const platform = await openPlatform(context);
  const { requests, kv, instruments } = platform;
  const cluster = new KubeCluster(kubeConfig(), namespace, log);
  const clients = {
    signal: busClient(requests, signalService.SignalServiceDefinition),
    risk: busClient(requests, riskService.RiskServiceDefinition),
    execution: busClient(requests, executionService.ExecutionServiceDefinition),
    reporting: busClient(requests, reportingService.ReportingServiceDefinition),
    backtest: busClient(requests, backtestService.BacktestServiceDefinition),
  };
  const operator = new Operator(
    { cluster, clients, kv, clock, log, meter },
    {
      ...{ namespace, holder: ids.incarnation(), instruments },
      resyncMs: config.operator.resyncSeconds * 1_000,
    },
  );
  const ending = new AbortController();
  let running: Promise<void> = Promise.resolve();
  return wired(platform, {
    start: async () => {
      await cluster.start();
      running = operator.run(ending.signal).catch((error: unknown) => context.crash(error));
    },
    stop: async () => {
      ending.abort();
      await running;
      await cluster.stop();
    },
    checks: {
      kubernetes: () => {
        const reason = cluster.problem();
        return reason === undefined ? { ok: true } : { ok: false, reason };
      },
    },
  });
}

const noNamespace = () =>
  new AppError({
    code: 'OPERATOR.NAMESPACE' satisfies OperatorErrorCode,
    why: 'it is not known which namespace is followed.',
    fix: 'Set operator.namespace, or run it in a pod with a service account.',
  });
