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
/** A machine that is busy with other tests gives a start of all services a fraction of a core. */
const READY_MS = 90_000;
/** Longest a whole stack takes to start, servers and migrations included: what a test's hook must allow. */
export const STACK_START_MS = READY_MS + 60_000;
/** A health page that says nothing for so long is asked anew. */
const PAGE_MS = 5_000;
/** Exit code of an operating failure that kept a service from starting; its supervisor tries again. */
const EXIT_FAILED = 1;
const STARTS_MAX = 3;
/** Each look costs a starting service some of what it starts with. */
const POLL_MS = 100;
const STOP_MS = 15_000;

/** What a health page says. */
interface Readiness {
  readonly ok: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly reason?: string }>>;
}

/** A service's source, run by this Node. */
function sourceProgram(name: ServiceName): readonly string[] {
  return [process.execPath, join(ROOT, 'services', name, 'src', 'main.ts')];
}

/** One service as a real process of its own, which can be killed and started again. */
export class ServiceProcess {
  readonly name: ServiceName;
  readonly logFile: string;
  readonly #configFile: string;
  readonly #log: WriteStream;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #program: readonly string[];
  #child: ChildProcess | undefined;
  /** A port that others were told; otherwise each start after one that failed draws another. */
  #givenGrpcPort: number | undefined;
  httpPort = 0;
  grpcPort = 0;
  exitCode: number | null = null;

  constructor(
    name: ServiceName,
    configFile: string,
    folder: string,
    environment: Readonly<Record<string, string>> = {},
    program: readonly string[] = sourceProgram(name),
  ) {
    this.name = name;
    this.#configFile = configFile;
    this.#environment = environment;
    this.#program = program;
    this.logFile = join(folder, `${name}.log`);
    this.#log = createWriteStream(this.logFile, { flags: 'a' });
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the process; resolves at once. The gRPC port stays what it was. */
  async start(grpcPort?: number): Promise<void> {
    this.#givenGrpcPort = grpcPort ?? this.#givenGrpcPort;
    this.exitCode = null;
    this.httpPort = await freePort();
    this.grpcPort = grpcPort ?? (this.grpcPort === 0 ? await freePort() : this.grpcPort);
    const [command = process.execPath, ...before] = this.#program;
    const child = spawn(command, [...before, '--config', this.#configFile], {
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
      const answer = await fetch(`http://127.0.0.1:${this.httpPort}/health/ready`, {
        signal: AbortSignal.timeout(PAGE_MS),
      });
      return (await answer.json()) as Readiness;
    } catch {
      return undefined;
    }
  }

  /** Waits until it is ready. One that could not start is started again, as a supervisor does: its port may have been taken meanwhile. */
  async ready(timeoutMs = READY_MS): Promise<void> {
    let page: Readiness | undefined;
    const deadline = performance.now() + timeoutMs;
    for (let starts = 1; ; starts += 1) {
      const isDecided = async () => {
        page = await this.readiness();
        return page?.ok === true || this.#child === undefined;
      };
      const decided = await waitUntil(isDecided, deadline - performance.now(), POLL_MS);
      if (page?.ok === true) return;
      if (!decided) {
        const said = page === undefined ? 'its health page says nothing' : JSON.stringify(page);
        throw new Error(`${this.name} is not ready after ${timeoutMs} ms: ${said}`);
      }
      if (this.exitCode !== EXIT_FAILED || starts === STARTS_MAX) {
        throw new Error(`${this.name} ended with ${this.exitCode} before it was ready`);
      }
      if (this.#givenGrpcPort === undefined) this.grpcPort = 0;
      await this.start();
    }
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
