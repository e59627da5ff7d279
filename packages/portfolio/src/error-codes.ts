/** The operating failures that this package names. */
export const PORTFOLIO_ERRORS = [
  {
    code: 'PORTFOLIO.SIZING',
    meaning: "A bot's sizing rule has a value that cannot be used.",
    fix: 'Give the value that it names within the bounds that it names.',
  },
  {
    code: 'PORTFOLIO.RULE',
    meaning: 'A portfolio rule has a value that cannot be used.',
    fix: 'Give the value that it names within the bounds that it names.',
  },
] as const;
