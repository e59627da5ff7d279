import { readFileSync } from 'node:fs';
import type { Environment } from './config-source.ts';
import { SECRET_LENGTH_MIN } from './limits.ts';

const SECRET_NAME = /SECRET|PASSW(OR)?D|PASSPHRASE|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY/;

/**
 * Collects what variables hold, or the mounted files that they name by `…_FILE`, whose names say that it is secret: keys of vendors are
 * no part of a configuration, and must not be shown either.
 */
export function environmentSecrets(environment: Environment): readonly string[] {
  return Object.entries(environment).flatMap(([name, value = '']) => {
    if (!SECRET_NAME.test(name)) return [];
    const text = name.endsWith('_FILE') ? mounted(value) : value.trim();
    return text.length >= SECRET_LENGTH_MIN ? [text] : [];
  });
}

/** A file that cannot be read is for whoever needs it to complain of. */
function mounted(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
