import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_MAX = 256 * 1024 * 1024;

/** A program and what is always said to it first. */
export type Command = readonly [string, ...string[]];

/** Which cluster, and by which programs. */
export interface KubernetesSettings {
  readonly kubectl: Command;
  readonly helm: Command;
  /** Said to each `helm install`, `upgrade` and `rollback`. */
  readonly helmFlags: readonly string[];
  readonly namespace: string;
}

/** A namespace of a cluster, through kubectl and helm. */
export class Kubernetes {
  readonly #settings: KubernetesSettings;

  constructor(settings: KubernetesSettings) {
    this.#settings = settings;
  }

  /** Runs kubectl. @returns what it printed. @throws Error with what it said. */
  kubectl(...args: readonly string[]): Promise<string> {
    const { kubectl, namespace } = this.#settings;
    return spoken(kubectl, ['-n', namespace, ...args]);
  }

  /** Makes an object, or changes the one that is there. */
  async create(object: object): Promise<void> {
    const { kubectl, namespace } = this.#settings;
    await spoken(kubectl, ['-n', namespace, 'apply', '-f', '-'], JSON.stringify(object));
  }

  /** Reads objects of a kind, as the API writes them. */
  async list<T>(kind: string, selector?: string): Promise<readonly T[]> {
    const labels = selector === undefined ? [] : ['-l', selector];
    const text = await this.kubectl('get', kind, ...labels, '-o', 'json');
    return (JSON.parse(text) as { readonly items: readonly T[] }).items;
  }

  /** Reads a key of a Secret. */
  async secret(name: string, key: string): Promise<string> {
    const text = await this.kubectl('get', 'secret', name, '-o', 'json');
    const { data } = JSON.parse(text) as { readonly data: Readonly<Record<string, string>> };
    const value = data[key];
    if (value === undefined) throw new Error(`the Secret ${name} has no ${key}`);
    return Buffer.from(value, 'base64').toString();
  }

  /** Runs helm on the namespace. */
  helm(...args: readonly string[]): Promise<string> {
    const { helm, namespace } = this.#settings;
    return spoken(helm, [...args, '-n', namespace]);
  }

  /** Runs what of helm changes a release. */
  change(...args: readonly string[]): Promise<string> {
    return this.helm(...args, ...this.#settings.helmFlags);
  }

  /** Begins to forward a port of this machine; ends when the pod behind it does. */
  forward(target: string, localPort: number, port: number): ChildProcess {
    const { kubectl, namespace } = this.#settings;
    const [program, ...first] = kubectl;
    const ports = `${localPort}:${port}`;
    const args = [...first, '-n', namespace, 'port-forward', target, ports];
    return spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

async function spoken(
  [program, ...first]: Command,
  args: readonly string[],
  input = '',
): Promise<string> {
  try {
    const running = run(program, [...first, ...args], { maxBuffer: OUTPUT_MAX });
    running.child.stdin?.end(input);
    const { stdout } = await running;
    return stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    const what = `${program} ${args
      .filter((one) => !one.startsWith('-'))
      .slice(0, 4)
      .join(' ')}`;
    throw new Error(`${what}: ${said || String(error)}`, { cause: error });
  }
}
