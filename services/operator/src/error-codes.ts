/** The operating failures that this service names. */
export const OPERATOR_ERRORS = [
  {
    code: 'OPERATOR.CLUSTER',
    meaning:
      "Kubernetes did not answer, or refused what was asked: the operator's service account may lack a right.",
    fix: 'The message says what was asked and what came back; the chart gives the rights with operator.enabled.',
  },
  {
    code: 'OPERATOR.CONFLICT',
    meaning:
      'A resource was changed by somebody else since it was read: nothing was written over it.',
    fix: 'Nothing is to be done: it is looked at again as it is now.',
  },
  {
    code: 'OPERATOR.LEASE',
    meaning: 'Another process has become the one that acts.',
    fix: 'Nothing is to be done: that one goes on.',
  },
  {
    code: 'OPERATOR.NAMESPACE',
    meaning: 'It is not known which namespace is followed.',
    fix: 'Set operator.namespace, or run it in a pod with a service account.',
  },
] as const;

/** A code that this service names. */
export type OperatorErrorCode = (typeof OPERATOR_ERRORS)[number]['code'];
