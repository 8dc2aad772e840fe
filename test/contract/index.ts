/** Conformance suites for plugins, to be called in a vitest file. Entry point `tsbox/testing`. */
export { describeImageDriver } from './image.js';
export { describeLogDriver } from './log.js';
export { describeNetworkDriver, type NetworkDescription } from './network.js';
export { describePlugin } from './plugin.js';
export { describeResourceDriver } from './resources.js';
export { describeSecurityDriver } from './security.js';
export { describeStorageDriver, type StorageDescription } from './storage.js';
export type { DriverDescription, ImageDescription, PluginDescription } from './subject.js';
export { describeUsernsDriver } from './userns.js';
export { withoutUndo } from './without-undo.js';
