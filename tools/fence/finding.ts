/** One place where the tree breaks a rule. */
export interface Finding {
  readonly rule: string;
  /** Path from the root. */
  readonly path: string;
  /** 1-based, where the rule speaks of a place in the file. */
  readonly line?: number;
  readonly message: string;
}

/** Writes a finding as one line that editors can follow. */
export function formatFinding(finding: Finding): string {
  const place = finding.line === undefined ? finding.path : `${finding.path}:${finding.line}`;
  return `${place}  ${finding.rule}: ${finding.message}`;
}
