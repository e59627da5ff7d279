import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { vi } from 'vitest';
import { stringify } from 'yaml';

/** Secrets by their names, each a text by key. */
export type HeldSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** As much of an API server as lets helm look up Secrets; in a thread of its own, as helm is waited for. */
const SERVER = `
const { createServer } = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const kinds = {
  '': ['ConfigMap', 'PersistentVolumeClaim', 'Pod', 'Secret', 'Service', 'ServiceAccount'],
  apps: ['Deployment', 'StatefulSet'],
  batch: ['CronJob', 'Job'],
  'networking.k8s.io': ['NetworkPolicy'],
};
const resourceOf = (kind) => {
  const name = kind.toLowerCase().replace(/y$/, 'ie') + 's';
  return { kind, name, singularName: kind.toLowerCase(), namespaced: true, verbs: ['get', 'list'] };
};
const ofRelease = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'test', 'meta.helm.sh/release-namespace': 'trading' },
};
const groups = Object.keys(kinds).filter((group) => group !== '').map((name) => {
  const version = { groupVersion: name + '/v1', version: 'v1' };
  return { name, versions: [version], preferredVersion: version };
});
const answers = {
  '/version': { major: '1', minor: '31', gitVersion: 'v1.31.0' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups },
};
for (const [group, names] of Object.entries(kinds)) {
  const groupVersion = group === '' ? 'v1' : group + '/v1';
  answers[(group === '' ? '/api/' : '/apis/') + groupVersion] = {
    ...{ kind: 'APIResourceList', groupVersion, resources: names.map(resourceOf) },
  };
}
for (const [name, data] of Object.entries(workerData)) {
  answers['/api/v1/namespaces/trading/secrets/' + name] = {
    ...{ kind: 'Secret', apiVersion: 'v1', metadata: { name, namespace: 'trading', ...ofRelease } },
    data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, btoa(text)])),
  };
}
const missing = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 };
const server = createServer((request, response) => {
  const answer = answers[request.url.split('?')[0]];
  response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer ?? missing));
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

/** Gives what is done a file by which helm finds a cluster that has these Secrets, of the release test in trading. */
export async function withCluster<T>(secrets: HeldSecrets, use: (config: string) => T): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'chart-cluster-'));
  vi.stubEnv('KUBECACHEDIR', folder);
  const worker = new Worker(SERVER, { eval: true, workerData: secrets });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      worker.once('message', resolve).once('error', reject);
    });
    const config = join(folder, 'config');
    writeFileSync(
      config,
      stringify({
        ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'it' },
        clusters: [{ name: 'it', cluster: { server: `http://127.0.0.1:${port}` } }],
        users: [{ name: 'it', user: {} }],
        contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
      }),
    );
    return use(config);
  } finally {
    await worker.terminate();
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
}
