import type { PluginDefinition } from '../../core/plugin/index.js';
import { describeSubject } from './describe-subject.js';
import { type PluginDescription, Subject } from './subject.js';

/**
 * What every plugin must do that has hooks and no driver: launches go on as they did, a plan changes nothing,
 * and what its hooks take is taken back whatever fails. To be called in a vitest file. Needs root and busybox-static.
 */
export function describePlugin(plugin: PluginDefinition, description: PluginDescription): void {
  describeSubject(new Subject(plugin, description), []);
}
