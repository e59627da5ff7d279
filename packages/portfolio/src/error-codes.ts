/** The operating failures that this package names. */
export const PORTFOLIO_ERRORS = [
  {
    code: 'PORTFOLIO.SIZING',
    meaning: "A bot's sizing rule has a value that cannot be used.",
    fix: 'Give a quantity above 0, or a fraction of equity within the bounds named.',
  },
] as const;
