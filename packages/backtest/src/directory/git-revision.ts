import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The state of the repository that a configuration lies in. */
export interface GitRevision {
  /** The commit, in hexadecimal. */
  readonly commit: string;
  /** Whether files differ from it. */
  readonly dirty: boolean;
}

/** Returns the revision of the repository that holds a folder, `undefined` where there is none or no git. */
export async function gitRevision(folder: string): Promise<GitRevision | undefined> {
  try {
    const options = { cwd: folder, timeout: 5_000 };
    const [head, status] = await Promise.all([
      run('git', ['rev-parse', 'HEAD'], options),
      run('git', ['status', '--porcelain', '--untracked-files=no'], options),
    ]);
    return { commit: head.stdout.trim(), dirty: status.stdout.trim() !== '' };
  } catch {
    return undefined;
  }
}
