import { z } from 'zod';
import {
  count,
  flag,
  passedOn,
  passedOnList,
  seconds,
  serviceValues,
  text,
  texts,
} from './service-values.ts';

const names = () => z.array(z.union([text(), z.strictObject({ name: text() })]));
const duration = () => z.string().regex(/^(\d+(ms|s|m|h))+$/);
const peers = () => passedOnList().optional();
const switchable = <S extends z.core.$ZodShape>(shape: S) =>
  z.strictObject({ enabled: flag().optional(), ...shape }).optional();

/** The keys of the values that are not those of dependencies; `config` is Capstan's own, and added to the schema as it is. */
export const CORE_VALUES = {
  global: z
    // Helm's own charts share it: keys of others are let through.
    .looseObject({
      registry: text().optional(),
      tag: text().optional(),
      imagePullSecrets: names().optional(),
    })
    .optional(),
  nameOverride: text().optional(),
  fullnameOverride: text().optional(),
  imagePullSecrets: names().optional(),
  commonLabels: texts().optional(),
  serviceAccount: z
    .strictObject({ name: text().optional(), annotations: texts().optional() })
    .optional(),
  runAsUser: z.int().min(1).max(2_147_483_647).optional(),
  defaults: serviceValues.optional(),
  services: z
    .record(z.string().regex(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/), serviceValues.nullable())
    .optional(),
  crds: z.strictObject({ install: flag().optional(), keep: flag().optional() }).optional(),
  workers: z
    .strictObject({
      mode: z.enum(['fixed', 'hpa', 'keda']).optional(),
      replicas: count().optional(),
      minReplicas: count().optional(),
      maxReplicas: z.int().min(1).max(1_000).optional(),
      hpa: z.strictObject({ targetCpuUtilization: z.int().min(1).max(100).optional() }).optional(),
      keda: z
        .strictObject({
          jobsPerWorker: z.int().min(1).max(1_000).optional(),
          activationJobs: count().optional(),
          pollingIntervalSeconds: z.int().min(1).max(3_600).optional(),
          cooldownSeconds: seconds().optional(),
          fallbackReplicas: count().optional(),
          account: text().optional(),
          monitoringEndpoint: text().optional(),
          useHttps: flag().optional(),
        })
        .optional(),
    })
    .optional(),
  tokens: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
        role: z.enum(['viewer', 'operator']).optional(),
        existingSecret: z.string().min(1),
        key: z.string().min(1).optional(),
      }),
    )
    .optional(),
  ingress: switchable({
    className: text().optional(),
    annotations: texts().optional(),
    hosts: z.array(z.string().min(1)).optional(),
    path: z.string().startsWith('/').optional(),
    tls: passedOnList().optional(),
  }),
  httpRoute: switchable({
    parentRefs: passedOnList().optional(),
    hostnames: z.array(z.string().min(1)).optional(),
    annotations: texts().optional(),
  }),
  networkPolicy: switchable({
    gatewayFrom: peers(),
    metricsFrom: peers(),
    killFrom: peers(),
    internet: z
      .array(z.strictObject({ cidr: text(), except: z.array(text()).optional() }))
      .optional(),
  }),
  metrics: z
    .strictObject({
      serviceMonitor: switchable({
        labels: texts().optional(),
        interval: duration().optional(),
        scrapeTimeout: duration().optional(),
      }),
      prometheusRule: switchable({ repository: text().optional(), labels: texts().optional() }),
      dashboards: switchable({ labels: texts().optional(), annotations: texts().optional() }),
    })
    .optional(),
  extraObjects: z.array(z.union([z.string(), passedOn()])).optional(),
} as const;
