export { KV_BUCKETS, STREAMS, type StreamDefinition, WORK_CONSUMER } from './streams.ts';
export { headerNames, leaseKey, nameOfToken, subjects, subjectToken } from './subjects.ts';
