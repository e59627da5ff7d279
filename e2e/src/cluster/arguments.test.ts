import { describe, expect, it } from 'vitest';
import { UsageError } from '../drills/arguments.ts';
import { readArguments } from './arguments.ts';
import { CLUSTER_FAULTS } from './cluster-faults.ts';

const read = (line: string) => readArguments(line === '' ? [] : line.split(' '));
const names = (line: string): readonly string[] => {
  const asked = read(line);
  return asked.kind === 'drill' ? asked.faults.map(({ name }) => name) : [];
};

describe('the arguments of drills in a cluster', () => {
  it('are every fault, those of an upgrade and of workers only where they can be', () => {
    const all = CLUSTER_FAULTS.map(({ name }) => name);
    const without = (...some: readonly RegExp[]) =>
      all.filter((name) => !some.some((one) => one.test(name)));
    const ofUpgrades = /^(upgrade|roll-back)-/;
    const ofWorkers = /^scale-workers$/;
    expect(names('--tag 2 --from-tag 1 --scaler keda')).toEqual(all);
    expect(names('--tag 2 --scaler stand-in')).toEqual(without(ofUpgrades));
    expect(names('--tag 2')).toEqual(without(ofUpgrades, ofWorkers));
    expect(names('--tag 2 --only drain,roll-risk')).toEqual(['roll-risk', 'drain']);
  });

  it('say which cluster, and which programs', () => {
    const line = '--tag 2 --namespace n --helm-flag=--server-side=false --set a=b --set c=d --keep';
    const asked = readArguments([...line.split(' '), '--kubectl', 'kubectl --context test']);
    expect(asked).toMatchObject({
      kubernetes: {
        ...{ namespace: 'n', helm: ['helm'], helmFlags: ['--server-side=false'] },
        kubectl: ['kubectl', '--context', 'test'],
      },
      release: { name: 'capstan', chart: 'charts/capstan', sets: ['a=b', 'c=d'], tag: '2' },
      isKept: true,
    });
  });

  it.each([
    ['', '--tag is missing'],
    ['--tag 2 --only drain,sink', '--only sink: no fault is called so'],
    ['--tag 2 --only upgrade-all', '--only upgrade-all: say the version before by --from-tag'],
    ['--tag 2 --only scale-workers', '--only scale-workers: say what scales workers by --scaler'],
    ['--tag 2 --scaler hpa', '--scaler hpa: say keda or stand-in'],
    ['--tag 2 --kubectl=', '--kubectl: say a program'],
    ['--loud', 'npm run cluster-drills'],
  ])('refuse %j, and say what may be asked', (line, message) => {
    expect(() => read(line)).toThrow(UsageError);
    expect(() => read(line)).toThrow(message);
  });

  it('name the faults', () => {
    const said = read('--list');
    for (const { name } of CLUSTER_FAULTS) expect(JSON.stringify(said)).toContain(name);
  });
});
