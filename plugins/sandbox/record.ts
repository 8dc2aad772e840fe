import {
  availableCapabilities,
  type ChildProgram,
  type Launch,
  limitsOf,
  PR_SET_NAME,
} from '../../core/plugin/index.js';
import { keepStandardDescriptors } from './descriptors.js';
import { recordLimits } from './limits.js';
import { dropRights } from './rights.js';
import { startSession } from './session.js';
import { resetSignals } from './signals.js';
import { enterWorkingDirectory } from './working-directory.js';

/** What may change from launch to launch, and not by the launch itself: limits and rights of this process. */
export function sandboxKey(launch: Launch): string {
  const limits = [...limitsOf(launch.spec.rlimits, launch.gate)].map(
    ([name, { soft, hard }]) => `${name} ${soft} ${hard}`,
  );
  return `${limits} ${availableCapabilities(launch)} ${launch.host.privileged}`;
}

/** What the command is, and what it may not do, in the order that the kernel's own rules demand. */
export function recordSandbox(child: ChildProgram, launch: Launch): void {
  const { inside } = child;
  startSession(child, launch);
  resetSignals(inside);
  inside.call('umask', [0o022]);
  enterWorkingDirectory(child, launch);
  // After the last open(2): a small limit of open files is meant for the command.
  recordLimits(child, launch);
  dropRights(child, launch);
  // The engine itself closes them before an exec's last clone.
  if (launch.entering) return;
  keepStandardDescriptors(inside);
  if (launch.spec.init) becomeInit(child);
}

function becomeInit({ inside }: ChildProgram): void {
  // It would be called by the number of the launcher's descriptor otherwise; the command's exec sets its own.
  inside.call('prctl', [PR_SET_NAME, 'tsbox-init']);
  inside.special('init', 'init', [], {
    note: 'pid 1 reaps',
    hint: 'with --init there are two processes: raise --pids-limit',
  });
}
