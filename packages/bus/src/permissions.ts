import {
  BUS_ACCESS,
  BUS_SETUP,
  type BusAccess,
  type BusService,
  KV_BUCKETS,
  STREAMS,
  subjects,
} from '@capstan/contracts';
import { blobNames, bucketNames } from './ensure-streams.ts';
import { inboxPrefix } from './inbox-prefix.ts';

/** What a user of the server may do; all else is refused. Patterns of subjects, sorted. */
export interface NatsPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** The user's name of a service, and what its connection is called. */
export const connectionName = (user: string): string => `capstan-${user}`;

const WORK_STREAM = 'BACKTEST_WORK';
const API = '$JS.API';
const LEASES = 'leases';

/** Returns what each user may do: a service what it is declared to do, and who prepares an installation only that. */
export function natsPermissions(): ReadonlyMap<string, NatsPermissions> {
  const services = Object.entries(BUS_ACCESS) as readonly (readonly [BusService, BusAccess])[];
  return new Map([
    [BUS_SETUP, setupPermissions()],
    ...services.map(([name, access]) => [name, servicePermissions(name, access)] as const),
  ]);
}

function servicePermissions(name: string, access: BusAccess): NatsPermissions {
  const buckets = [...access.bucketsRead, ...(access.owns ? [LEASES] : [])];
  const written = [...access.bucketsWritten, ...(access.owns ? [LEASES] : [])];
  const streams = [...access.reads, ...buckets.map(bucketNames.stream)];
  const { takesWork, watchesWork, owns, commands } = access;
  return sorted({
    publish: [
      ...access.publishes,
      ...access.asks.map((service) => subjects.rpc(service, '*')),
      ...access.answers.flatMap(callersOf).map((caller) => `${inboxOf(caller)}.>`),
      ...written.map((bucket) => bucketNames.subjects(bucket, '>')),
      ...(owns ? [subjects.anyCommandDone] : []),
      ...(commands ? [subjects.anyCommand] : []),
      // Says what there is, and changes nothing.
      `${API}.STREAM.INFO.*`,
      ...streams.flatMap(readingOf),
      ...(takesWork ? workOf(WORK_STREAM) : []),
      ...(watchesWork ? [`${API}.CONSUMER.INFO.${WORK_STREAM}.*`] : []),
    ],
    subscribe: [
      `${inboxOf(name)}.>`,
      ...access.answers.map((service) => subjects.rpc(service, '*')),
      ...(owns ? [subjects.anyCommand] : []),
    ],
  });
}

/** Streams cannot be made by services: whoever can change a stream can have it take one subject for another. */
function setupPermissions(): NatsPermissions {
  const names = [
    ...STREAMS.map(({ name }) => name),
    ...KV_BUCKETS.map(({ name }) => bucketNames.stream(name)),
    blobNames.stream,
  ];
  return sorted({
    publish: [
      `${API}.STREAM.INFO.*`,
      ...names.flatMap((name) => [`${API}.STREAM.CREATE.${name}`, `${API}.STREAM.UPDATE.${name}`]),
      `${API}.CONSUMER.CREATE.${WORK_STREAM}.>`,
    ],
    subscribe: [`${inboxOf(BUS_SETUP)}.>`],
  });
}

/** Reading a stream through a consumer of one's own, and asking for single messages. */
function readingOf(stream: string): readonly string[] {
  return [
    `${API}.STREAM.MSG.GET.${stream}`,
    `${API}.CONSUMER.CREATE.${stream}`,
    `${API}.CONSUMER.INFO.${stream}.*`,
    `${API}.CONSUMER.DELETE.${stream}.*`,
    `${API}.CONSUMER.MSG.NEXT.${stream}.*`,
  ];
}

/** Taking work through the consumer that all workers share, and answering for it. */
function workOf(stream: string): readonly string[] {
  return [
    `${API}.CONSUMER.CREATE.${stream}.>`,
    `${API}.CONSUMER.INFO.${stream}.*`,
    `${API}.CONSUMER.MSG.NEXT.${stream}.*`,
    `$JS.ACK.${stream}.>`,
  ];
}

function callersOf(service: string): readonly string[] {
  return Object.entries(BUS_ACCESS)
    .filter(([, { asks }]) => (asks as readonly string[]).includes(service))
    .map(([name]) => name);
}

const inboxOf = (user: string): string => inboxPrefix(connectionName(user));

function sorted({ publish, subscribe }: NatsPermissions): NatsPermissions {
  return { publish: [...new Set(publish)].sort(), subscribe: [...new Set(subscribe)].sort() };
}
