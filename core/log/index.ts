export { type LogEntry, type LogStream, logTime, type Moment } from './entry.js';
export type { ReadLogOptions } from './filter.js';
export { type FollowLogOptions, followLog } from './follow.js';
export { readLog } from './read.js';
