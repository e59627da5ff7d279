import { z } from 'zod';
import {
  count,
  flag,
  image,
  passedOnList,
  resources,
  seconds,
  size,
  text,
  texts,
} from './service-values.ts';

const storage = <S extends z.core.$ZodShape>(further: S) =>
  z.strictObject({ size: size().optional(), className: text().optional(), ...further }).optional();

const tls = () =>
  z
    .strictObject({
      existingSecret: text().optional(),
      caKey: text().optional(),
      certKey: text().optional(),
      keyKey: text().optional(),
    })
    .optional();

/** A server of the release's own. */
const server = <S extends z.core.$ZodShape>(further: S) =>
  z
    .strictObject({
      enabled: flag().optional(),
      image: image().optional(),
      existingSecret: text().optional(),
      runAsUser: z.int().min(1).max(2_147_483_647).optional(),
      storage: storage({}),
      resources: resources().optional(),
      nodeSelector: texts().optional(),
      tolerations: passedOnList().optional(),
      ...further,
    })
    .optional();

/** The keys of the values that say where PostgreSQL and NATS are, and what comes with them. */
export const DEPENDENCY_VALUES = {
  postgresql: server({
    passwordKey: text().optional(),
    parameters: z
      .record(z.string().regex(/^[a-z][a-z_.]*$/), z.union([text(), z.number(), flag()]))
      .optional(),
  }),
  externalDatabase: z
    .strictObject({
      url: text().optional(),
      port: z.int().min(1).max(65_535).optional(),
      existingSecret: text().optional(),
      passwordKey: text().optional(),
      secretKey: text().optional(),
      tls: tls(),
    })
    .optional(),
  nats: server({
    maxFileStore: size().optional(),
    syncInterval: z
      .string()
      .regex(/^(always|\d+(ms|s|m))$/)
      .optional(),
  }),
  externalNats: z
    .strictObject({
      url: text().optional(),
      monitoring: text().optional(),
      auth: z.enum(['none', 'users', 'credentials']).optional(),
      existingSecret: text().optional(),
      tls: tls(),
    })
    .optional(),
  migrations: z
    .strictObject({
      enabled: flag().optional(),
      mode: z.enum(['auto', 'hook', 'job']).optional(),
      annotations: texts().optional(),
      waitSeconds: seconds().optional(),
      backoffLimit: count().optional(),
      image: image().optional(),
      resources: resources().optional(),
    })
    .optional(),
  backup: z
    .strictObject({
      enabled: flag().optional(),
      schedule: text().optional(),
      keep: z.int().min(1).max(10_000).optional(),
      deadlineSeconds: seconds().optional(),
      storage: storage({ existingClaim: text().optional() }),
      image: image().optional(),
      resources: resources().optional(),
    })
    .optional(),
  credentials: z
    .record(
      z.string().regex(/^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/),
      z.strictObject({
        existingSecret: z.string().min(1),
        services: z.array(z.string().min(1)).min(1),
        variables: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().min(1)),
      }),
    )
    .optional(),
  tests: z
    .strictObject({
      enabled: flag().optional(),
      account: text().optional(),
      feed: text().optional(),
      symbol: text().optional(),
      timeoutSeconds: seconds().optional(),
      image: image().optional(),
    })
    .optional(),
} as const;
