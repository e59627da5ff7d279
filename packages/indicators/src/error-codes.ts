/** The operating failures that this package names. */
export const INDICATOR_ERRORS = [
  {
    code: 'INDICATOR.UNKNOWN',
    meaning: 'No indicator of the registry has the name.',
    fix: 'Use one of the names that the message lists, or register a definition of that name.',
  },
  {
    code: 'INDICATOR.DUPLICATE',
    meaning: 'Two definitions with one name were given to a registry.',
    fix: 'Rename one of them.',
  },
  {
    code: 'INDICATOR.PARAMETER',
    meaning: 'A parameter of an indicator is missing, unknown or outside its bounds.',
    fix: 'Give a number of the kind and within the bounds that the message names.',
  },
  {
    code: 'INDICATOR.STATE',
    meaning: 'Stored kernel state does not have the form that the kernel writes.',
    fix: 'Discard the checkpoint and warm up from history.',
  },
] as const;

/** Code: no indicator has the name. */
export const INDICATOR_UNKNOWN = 'INDICATOR.UNKNOWN';
/** Code: a name was registered twice. */
export const INDICATOR_DUPLICATE = 'INDICATOR.DUPLICATE';
/** Code: a parameter is missing, unknown or out of bounds. */
export const INDICATOR_PARAMETER = 'INDICATOR.PARAMETER';
/** Code: stored kernel state has another form. */
export const INDICATOR_STATE = 'INDICATOR.STATE';
