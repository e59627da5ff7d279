import { parseArgs } from 'node:util';
import { UsageError } from '../drills/arguments.ts';
import { CLUSTER_FAULTS, type ClusterFault } from './cluster-faults.ts';
import type { Command, KubernetesSettings } from './kubernetes.ts';
import type { ReleaseSettings } from './release.ts';

const WIDTH = 26;

const USAGE = `Installs the chart in a cluster, breaks it while bots trade, and holds what it did against what an undisturbed run does.

  npm run cluster-drills -- --tag 0.2.0 --set global.registry=registry.example.com/trading
      --tag TAG                the images that are tried
      --from-tag TAG           the version before: it is installed, and upgraded while bots trade
      --scaler keda|stand-in   lets workers follow the queue, by the cluster's KEDA or by what this does in its place
      --set KEY=VALUE          a value of the chart; again for more
      --only NAME[,NAME...]    only these faults
      --list                   names the faults
      --keep                   leaves the release installed
      --namespace NAME         capstan-drills unless given; it must not hold a release of this name
      --release NAME           capstan unless given
      --chart FOLDER           charts/capstan unless given
      --kubectl, --helm CMD    the programs, such as 'kubectl --context test'
      --helm-flag FLAG         said to helm install, upgrade and rollback; again for more

It trades at the paper exchange of the release. The exit code is 1 where something is wrong; what is installed then stays.
`;

/** What the command line asks for. */
export type ClusterArguments =
  | { readonly kind: 'say'; readonly text: string }
  | {
      readonly kind: 'drill';
      readonly kubernetes: KubernetesSettings;
      readonly release: ReleaseSettings;
      readonly faults: readonly ClusterFault[];
      readonly isKept: boolean;
    };

const OPTIONS = {
  tag: { type: 'string' },
  'from-tag': { type: 'string' },
  scaler: { type: 'string' },
  set: { type: 'string', multiple: true },
  only: { type: 'string' },
  list: { type: 'boolean' },
  keep: { type: 'boolean' },
  namespace: { type: 'string', default: 'capstan-drills' },
  release: { type: 'string', default: 'capstan' },
  chart: { type: 'string', default: 'charts/capstan' },
  kubectl: { type: 'string', default: 'kubectl' },
  helm: { type: 'string', default: 'helm' },
  'helm-flag': { type: 'string', multiple: true },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads a command line.
 * @throws UsageError where it asks for nothing that there is.
 */
export function readArguments(args: readonly string[]): ClusterArguments {
  const values = parse(args);
  if (values.help === true) return { kind: 'say', text: USAGE };
  if (values.list === true) return { kind: 'say', text: listOfFaults() };
  const { tag, 'from-tag': fromTag } = values;
  const scaler = scalerOf(values.scaler);
  if (tag === undefined)
    throw new UsageError(`--tag is missing: it says which images.\n\n${USAGE}`);
  return {
    kind: 'drill',
    kubernetes: {
      namespace: values.namespace,
      kubectl: commandOf('--kubectl', values.kubectl),
      helm: commandOf('--helm', values.helm),
      helmFlags: values['helm-flag'] ?? [],
    },
    release: {
      ...{ name: values.release, chart: values.chart, sets: values.set ?? [], tag },
      ...(fromTag === undefined ? {} : { fromTag }),
      ...(scaler === undefined ? {} : { scaler }),
    },
    faults: faultsOf(values.only, {
      'version-before': fromTag !== undefined,
      scaler: scaler !== undefined,
    }),
    isKept: values.keep === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}

function commandOf(option: string, text: string): Command {
  const [program, ...rest] = text.split(' ').filter(Boolean);
  if (program === undefined) throw new UsageError(`${option}: say a program.`);
  return [program, ...rest];
}

function scalerOf(text: string | undefined): ReleaseSettings['scaler'] {
  if (text === undefined || text === 'keda' || text === 'stand-in') return text;
  throw new UsageError(`--scaler ${text}: say keda or stand-in.`);
}

type Taken = NonNullable<ClusterFault['takes']>;
const GIVEN_BY: Readonly<Record<Taken, string>> = {
  'version-before': 'say the version before by --from-tag',
  scaler: 'say what scales workers by --scaler',
};

function faultsOf(
  only: string | undefined,
  has: Readonly<Record<Taken, boolean>>,
): readonly ClusterFault[] {
  const names = only?.split(',');
  for (const name of names ?? []) {
    const fault = CLUSTER_FAULTS.find((one) => one.name === name);
    if (fault === undefined) {
      throw new UsageError(`--only ${name}: no fault is called so.\n\n${listOfFaults()}`);
    }
    const { takes } = fault;
    if (takes !== undefined && !has[takes]) {
      throw new UsageError(`--only ${name}: ${GIVEN_BY[takes]}.`);
    }
  }
  return CLUSTER_FAULTS.filter(
    ({ name, takes }) =>
      (names === undefined || names.includes(name)) && (takes === undefined || has[takes]),
  );
}

function listOfFaults(): string {
  return CLUSTER_FAULTS.map(({ name, title }) => `${name.padEnd(WIDTH)}${title}\n`).join('');
}
