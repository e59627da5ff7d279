/**
 * A supervisor over tiny services, for the tests: `node stack.fixture.ts <data directory> <services as JSON>`. Says `up` when the
 * services were started, and `rules` when the bots' shutdown rules would run, which last until nobody waits for them.
 */
import { plainConsole } from '../console/stack-console.ts';
import { reportFailure } from '../failure.ts';
import { STANDARD_OUTPUT } from '../output.ts';
import { findPorts } from './port-taken.ts';
import { supervise } from './supervise.ts';

/** What a tiny service is told to do. */
export interface TinyService {
  readonly name: string;
  /** A module that listens on the port in its first argument. */
  readonly script: string;
}

const [, , dataDir = '', list = '[]'] = process.argv;
const services = JSON.parse(list) as readonly TinyService[];

try {
  process.exitCode = await supervise({
    dataDir,
    environment: 'test',
    runId: 'test',
    httpPort: 0,
    restart: true,
    jsonLogs: false,
    drainMs: 2_000,
    console: plainConsole((text) => void process.stdout.write(text)),
    askBots: async () => [],
    windDown: (_url, hurry) =>
      new Promise((resolve) => {
        process.stdout.write('rules\n');
        hurry.addEventListener('abort', () => resolve());
      }),
    bringUp: async (supervisor) => {
      const ports = await findPorts(dataDir, services.length);
      await supervisor.startServices(
        services.map(({ name, script }, index) => ({
          name,
          command: process.execPath,
          args: [script, String(ports[index] ?? 0)],
          cwd: dataDir,
          environment: { CAPSTAN_SUPERVISED: '1' },
          url: `http://127.0.0.1:${ports[index] ?? 0}`,
          stopWave: 1,
        })),
      );
      process.stdout.write('up\n');
    },
  });
} catch (error) {
  process.exitCode = reportFailure(error, STANDARD_OUTPUT, false);
}
