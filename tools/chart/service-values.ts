import { z } from 'zod';

/** A name of a label, an annotation or the like, and its text. */
export const texts = () => z.record(z.string(), z.string());
/** Fields of Kubernetes that are passed on as they are: the API server checks them. */
export const passedOn = () => z.record(z.string(), z.unknown());
export const passedOnList = () => z.array(passedOn());
export const text = () => z.string();
export const flag = () => z.boolean();
export const count = () => z.int().min(0).max(1_000);
export const seconds = () => z.int().min(0).max(86_400);
export const size = () => z.string().regex(/^\d+(\.\d+)?([KMGTP]i?)?$/);

/** Which image; what is left out is that of the chart. */
export const image = () =>
  z.strictObject({
    registry: text().optional(),
    repository: text().optional(),
    tag: text().optional(),
    digest: z
      .string()
      .regex(/^(sha256:[0-9a-f]{64})?$/)
      .optional(),
    pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).optional(),
  });

const amounts = () => z.record(z.string(), z.union([z.string(), z.number()]));

/** What a container is granted. */
export const resources = () =>
  z.strictObject({
    requests: amounts().optional(),
    limits: amounts().optional(),
    claims: passedOnList().optional(),
  });

/** A volume of its own. */
export const persistence = () =>
  z.strictObject({
    enabled: flag().optional(),
    mountPath: z.string().startsWith('/').optional(),
    size: size().optional(),
    storageClass: text().optional(),
    accessModes: z
      .array(z.enum(['ReadWriteOnce', 'ReadWriteMany', 'ReadWriteOncePod', 'ReadOnlyMany']))
      .min(1)
      .optional(),
    existingClaim: text().optional(),
    annotations: texts().optional(),
  });

const variable = z.union([
  z.string(),
  z.number(),
  z.boolean(),
  z.strictObject({ valueFrom: passedOn() }),
]);

/** Variables by their names. */
export const environment = () => z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), variable);

const amount = () => z.union([z.int().min(0), z.string().regex(/^\d{1,3}%$/)]);

const strategy = z.strictObject({
  type: z.enum(['RollingUpdate', 'Recreate']),
  rollingUpdate: z
    .strictObject({ maxUnavailable: amount().optional(), maxSurge: amount().optional() })
    .optional(),
});

const callees = () => z.array(text()).optional();

/** A service's block; `defaults` has the same keys. */
export const serviceValues = z.strictObject({
  enabled: flag().optional(),
  replicas: count().optional(),
  single: flag().optional(),
  image: image().optional(),
  command: z.array(text()).optional(),
  args: z.array(text()).optional(),
  needs: z.array(z.enum(['nats', 'postgresql'])).optional(),
  calls: z.strictObject({ http: callees(), grpc: callees() }).optional(),
  vendors: flag().optional(),
  alerts: flag().optional(),
  ports: z.strictObject({ grpc: flag().optional() }).optional(),
  env: environment().optional(),
  envFrom: passedOnList().optional(),
  resources: resources().optional(),
  probes: z
    .strictObject({
      startup: passedOn().optional(),
      readiness: passedOn().optional(),
      liveness: passedOn().optional(),
    })
    .optional(),
  strategy: strategy.optional(),
  preStopSeconds: seconds().optional(),
  terminationGracePeriodSeconds: seconds().nullish(),
  podDisruptionBudget: z
    .strictObject({
      enabled: flag().optional(),
      minAvailable: amount().nullish(),
      maxUnavailable: amount().nullish(),
    })
    .optional(),
  affinity: passedOn().optional(),
  topologySpreadConstraints: passedOnList().optional(),
  nodeSelector: texts().optional(),
  tolerations: passedOnList().optional(),
  priorityClassName: text().optional(),
  nodeLostSeconds: seconds().optional(),
  serviceAccount: z.strictObject({ name: text().optional(), token: flag().optional() }).optional(),
  podAnnotations: texts().optional(),
  podLabels: texts().optional(),
  deploymentAnnotations: texts().optional(),
  deploymentLabels: texts().optional(),
  extraVolumes: passedOnList().optional(),
  extraVolumeMounts: passedOnList().optional(),
  extraContainers: passedOnList().optional(),
  initContainers: passedOnList().optional(),
  service: z
    .strictObject({
      type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).optional(),
      headless: flag().optional(),
      publishNotReadyAddresses: flag().optional(),
      annotations: texts().optional(),
    })
    .optional(),
  persistence: persistence().optional(),
  networkPolicy: z
    .strictObject({
      extraIngress: passedOnList().optional(),
      extraEgress: passedOnList().optional(),
    })
    .optional(),
});
