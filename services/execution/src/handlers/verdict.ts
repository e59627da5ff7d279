/** The answer to a command, in words. */
export interface Verdict {
  readonly state: 'done' | 'refused';
  readonly message: string;
}

export const done = (message: string): Verdict => ({ state: 'done', message });
export const refused = (message: string): Verdict => ({ state: 'refused', message });
