import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { freePort, waitUntil } from '@capstan/embedded';

export const SERVICES = [
  'paper-exchange',
  'market-data',
  'signal',
  'risk',
  'execution',
  'position-sync',
  'reporting',
  'backtest-worker',
] as const;
/** A service of a stack; the gateway only where it is asked for. */
export type ServiceName = (typeof SERVICES)[number] | 'gateway';

const ROOT = join(import.meta.dirname, '..', '..');
const READY_MS = 30_000;
const STOP_MS = 15_000;

/** What a health page says. */
interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
}

/** One service as a real process of its own, which can be killed and started again. */
export class ServiceProcess {
  readonly name: ServiceName;
  readonly logFile: string;
  readonly #configFile: string;
  readonly #log: WriteStream;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;
  httpPort = 0;
  grpcPort = 0;
  exitCode: number | null = null;

  constructor(
    name: ServiceName,
    configFile: string,
    folder: string,
    environment: Readonly<Record<string, string>> = {},
  ) {
    this.name = name;
    this.#configFile = configFile;
    this.#environment = environment;
    this.logFile = join(folder, `${name}.log`);
    this.#log = createWriteStream(this.logFile, { flags: 'a' });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process; resolves at once. The gRPC port stays what it was. */
  async start(grpcPort?: number): Promise<void> {
    this.httpPort = await freePort();
    this.grpcPort = grpcPort ?? (this.grpcPort === 0 ? await freePort() : this.grpcPort);
    const main = join(ROOT, 'services', this.name, 'src', 'main.ts');
    const child = spawn(process.execPath, [main, '--config', this.#configFile], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        CAPSTAN_SUPERVISED: '1',
        CAPSTAN_SERVER__HTTP_PORT: String(this.httpPort),
        CAPSTAN_SERVER__GRPC_PORT: String(this.grpcPort),
        ...this.#environment,
      },
    });
    child.stdout?.pipe(this.#log, { end: false });
    child.stderr?.pipe(this.#log, { end: false });
    child.once('exit', (code) => {
      if (this.#child !== child) return;
      this.exitCode = code;
      this.#child = undefined;
    });
    this.#child = child;
  }

  async readiness(): Promise<Readiness | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.httpPort}/health/ready`);
      return (await answer.json()) as Readiness;
    } catch {
      return undefined;
    }
  }

  async ready(timeoutMs = READY_MS): Promise<void> {
    if (await waitUntil(async () => (await this.readiness())?.ok === true, timeoutMs)) return;
    throw new Error(`${this.name} is not ready after ${timeoutMs} ms`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  /** Ends the process at once and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Lets the process drain. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    child.kill('SIGTERM');
    if (!(await waitUntil(() => this.#child !== child, STOP_MS))) await this.kill();
  }
}
