export * from './expressions.js';
export { batch, NFPROTO_INET, NFPROTO_IPV4, NFPROTO_UNSPEC } from './message.js';
export * from './set.js';
export * from './table.js';
