/** Conformance suites for plugins, to be called in a vitest file. Entry point `tsbox/testing`. */
export { describeNetworkDriver, type NetworkDescription } from './network.js';
export { describePlugin } from './plugin.js';
export { describeResourceDriver } from './resources.js';
export { describeStorageDriver, type StorageDescription } from './storage.js';
export type { DriverDescription, PluginDescription } from './subject.js';
export { describeUsernsDriver } from './userns.js';
export { withoutUndo } from './without-undo.js';
