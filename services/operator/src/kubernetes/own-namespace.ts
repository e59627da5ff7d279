import { readFileSync } from 'node:fs';

const FILE = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';

/** The namespace of the pod that this is; `undefined` where it is none. */
export function ownNamespace(): string | undefined {
  try {
    return readFileSync(FILE, 'utf8').trim();
  } catch {
    return undefined;
  }
}
