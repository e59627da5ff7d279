import type { ChildProcess } from 'node:child_process';
import { freePort, waitUntil } from '@capstan/embedded';
import { pause } from '../drills/pause.ts';
import type { Kubernetes } from './kubernetes.ts';

const OPEN_MS = 60_000;
const POLL_MS = 20;
/** Between two tries, while there is no pod. */
const AGAIN_MS = 300;

/** A port of this machine that leads to a service of the cluster, to whichever pod it has at the time. */
export class Forward {
  readonly port: number;
  readonly #kubernetes: Kubernetes;
  readonly #target: string;
  readonly #targetPort: number;
  readonly #over: Promise<void>;
  #child: ChildProcess | undefined;
  #isOpen = false;
  #isClosed = false;

  private constructor(kubernetes: Kubernetes, target: string, targetPort: number, port: number) {
    this.port = port;
    this.#kubernetes = kubernetes;
    this.#target = target;
    this.#targetPort = targetPort;
    this.#over = this.#keepOpen();
  }

  /** @param target such as `service/capstan-nats`. Resolves when it leads there for the first time. */
  static async open(kubernetes: Kubernetes, target: string, targetPort: number): Promise<Forward> {
    const forward = new Forward(kubernetes, target, targetPort, await freePort());
    if (await waitUntil(async () => forward.#isOpen, OPEN_MS, POLL_MS)) return forward;
    await forward.close();
    throw new Error(`no way to ${target} in ${OPEN_MS / 1_000} s`);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#child?.kill();
    await this.#over;
  }

  async #keepOpen(): Promise<void> {
    while (!this.#isClosed) {
      await this.#once();
      this.#isOpen = false;
      if (!this.#isClosed) await pause(AGAIN_MS);
    }
  }

  /** A forward of kubectl's lives as long as its pod, or until a connection through it has failed. */
  async #once(): Promise<void> {
    const child = this.#kubernetes.forward(this.#target, this.port, this.#targetPort);
    this.#child = child;
    child.stdout?.on('data', (text: Buffer) => {
      if (text.includes('Forwarding from')) this.#isOpen = true;
    });
    // It says so and goes on, when the pod is gone.
    child.stderr?.on('data', (text: Buffer) => {
      if (text.includes('lost connection') || text.includes('error forwarding')) child.kill();
    });
    await new Promise<void>((resolve) => {
      child.once('error', () => resolve());
      child.once('exit', () => resolve());
    });
  }
}
