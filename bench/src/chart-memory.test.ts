import { expect, it } from 'vitest';
import { grantsOf } from './chart-memory.ts';

const VALUES = `
defaults: { resources: { requests: { cpu: 50m, memory: 192Mi }, limits: { memory: 1Gi } } }
services:
  risk: {}
  signal: { resources: { requests: { memory: 256Mi } } }
nats: { resources: { requests: { memory: 64Mi }, limits: { memory: 512Mi } } }
postgresql: { resources: { requests: { memory: 2Gi }, limits: { memory: 2Gi } } }
`;

it('reads what each container is granted, what a service leaves out from the defaults', () => {
  expect(Object.fromEntries(grantsOf(VALUES))).toEqual({
    risk: { requestMib: 192, limitMib: 1_024 },
    signal: { requestMib: 256, limitMib: 1_024 },
    nats: { requestMib: 64, limitMib: 512 },
    postgres: { requestMib: 2_048, limitMib: 2_048 },
  });
});

it('names the container whose memory it cannot read', () => {
  expect(() => grantsOf(VALUES.replace('512Mi', '512'))).toThrow('nats: no memory in limits');
});
