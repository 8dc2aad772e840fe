import type { LaunchState } from '../engine/launch-state.js';
import { LaunchView } from '../engine/launch-state.js';
import { capabilityNames } from '../kernel/capabilities.js';
import { availableCapabilities } from '../plugin/available-capabilities.js';
import { capabilitySet } from '../plugin/capability-set.js';
import { limitsOf } from '../plugin/rlimits-of.js';

const UMASK = 0o022;

export function ociProcess(state: LaunchState): object {
  const { spec, command, gate } = state;
  const { mask } = capabilitySet(spec.security, availableCapabilities(new LaunchView(state, 'engine', 'resolve')));
  const held = capabilityNames(mask).map((name) => `CAP_${name}`);
  // An ordinary user holds none: the bounding set says what a setuid program may get.
  const effective = command.uid === 0 ? held : [];
  const limits = [...limitsOf(spec.rlimits, gate)];
  const { terminalSize: size } = spec;
  return {
    terminal: spec.tty,
    ...(spec.tty && size && { consoleSize: { height: size.rows, width: size.columns } }),
    user: {
      uid: command.uid,
      gid: command.gid,
      umask: UMASK,
      ...(command.groups.length > 0 && { additionalGids: command.groups }),
    },
    args: command.argv,
    env: command.env,
    cwd: command.cwd,
    capabilities: { bounding: held, effective, permitted: effective, inheritable: [], ambient: [] },
    rlimits: limits.map(([name, { soft, hard }]) => ({ type: `RLIMIT_${name.toUpperCase()}`, soft, hard })),
    noNewPrivileges: spec.security.noNewPrivileges,
  };
}
