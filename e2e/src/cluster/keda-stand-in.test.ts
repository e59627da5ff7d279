import { describe, expect, it } from 'vitest';
import { desiredReplicas, type ScaledObject } from './keda-stand-in.ts';

const OBJECT: ScaledObject = {
  metadata: { name: 'workers' },
  spec: {
    scaleTargetRef: { name: 'workers' },
    ...{ minReplicaCount: 0, maxReplicaCount: 4, pollingInterval: 5, cooldownPeriod: 30 },
    triggers: [
      {
        metadata: {
          ...{ account: '$G', stream: 'S', consumer: 'C' },
          ...{ lagThreshold: '2', activationLagThreshold: '0' },
        },
      },
    ],
  },
};
const wanted = (lag: number, replicas: number, idleSeconds = 0): number =>
  desiredReplicas(OBJECT, { lag, replicas, idleSeconds });

describe('the number of workers', () => {
  it('is the jobs over their threshold, rounded up, and no more than allowed', () => {
    expect([1, 2, 3, 7, 8, 100].map((lag) => wanted(lag, 0))).toEqual([1, 1, 2, 4, 4, 4]);
  });

  it('does not fall while there are jobs', () => {
    expect(wanted(1, 3)).toBe(3);
  });

  it('falls to the least when there was nothing to do for long enough', () => {
    expect(wanted(0, 3, 29)).toBe(3);
    expect(wanted(0, 3, 30)).toBe(0);
    expect(wanted(0, 0, 90)).toBe(0);
  });
});
