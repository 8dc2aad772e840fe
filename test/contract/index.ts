/** Conformance suites for drivers, to be called in a vitest file. Entry point `tsbox/testing`. */
export { describeNetworkDriver, type NetworkBench } from './network.js';
export { describeResourceDriver } from './resources.js';
export { describeStorageDriver } from './storage.js';
