import { describe, expect, it } from 'vitest';
import type { MountSpec } from '../../../core/plugin/index.js';
import { validateMounts } from '../../../plugins/mounts/validate.js';
import { recordedLaunch } from '../../support/recording.js';

function bind(target: string, more: object = {}): MountSpec {
  return { type: 'bind', source: '/etc', target, readOnly: false, recursive: true, ...more };
}

function validate(...mounts: MountSpec[]) {
  return () => validateMounts(recordedLaunch({ mounts }));
}

describe('mounts are refused before anything happens', () => {
  it.each(['/', 'data', '/a/../b'])('with the target %s', (target) => {
    expect(validate(bind(target))).toThrow(/cannot mount on/);
  });

  it.each(['/proc', '/proc/self/attr', '/proc/sys/kernel', '/proc/1/cpuinfo'])('over the own proc: %s', (target) => {
    expect(validate(bind(target))).toThrow(/the container's own/);
  });

  it('but not what stands in for a file of proc', () => {
    expect(validate(bind('/proc/cpuinfo'), bind('/process'))).not.toThrow();
  });

  it('when two have one target', () => {
    const tmpfs: MountSpec = { type: 'tmpfs', target: '/data', readOnly: false, options: [] };
    expect(validate(bind('/data'), tmpfs)).toThrow(/two mounts/);
  });

  it('when the source is not there', () => {
    expect(validate(bind('/data', { source: '/nowhere/at/all' }))).toThrow(/no \/nowhere\/at\/all on the host/);
  });

  it('when propagation would have to cross a user namespace', () => {
    const launch = recordedLaunch({ mounts: [bind('/data', { propagation: 'slave' })] });
    expect(() => validateMounts(launch)).not.toThrow();
    expect(() => validateMounts({ ...launch, host: { ...launch.host, privileged: false } })).toThrow(/propagation/);
  });
});
