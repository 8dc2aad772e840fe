import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { PluginDefinition } from '../../core/plugin/index.js';
import { engineOf } from '../support/faults/assembly.js';
import { describeSubject } from './describe-subject.js';
import { describeResourceBehaviour } from './resources-behaviour.js';
import { describeResourceLaunches } from './resources-launches.js';
import { type DriverDescription, Subject } from './subject.js';

/**
 * What every driver of kind `resources` must do, on this machine's kernel, and that everything is taken back
 * whatever fails. To be called in a vitest file. Needs root and busybox-static.
 */
export function describeResourceDriver(plugin: PluginDefinition, description: DriverDescription): void {
  const subject = new Subject(plugin, description, 'resources');
  describeSubject(subject, [], async (stage) => {
    describeResourceLaunches(stage);
    // Nothing is launched by this engine: its driver says which of the tests there are.
    const nowhere = join(tmpdir(), 'tsbox-suite-none');
    const engine = engineOf(subject.assembly(), { root: nowhere, runroot: nowhere });
    afterAll(() => engine.close());
    describeResourceBehaviour(plugin, await engine.driver('resources', subject.driver));
  });
}
