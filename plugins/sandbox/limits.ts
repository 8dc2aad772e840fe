import { type ChildProgram, encodeRlimit, type Launch, limitsOf, RLIMITS } from '../../core/plugin/index.js';

/** The limits of the command: those asked for, and the defaults. */
export function recordLimits({ inside }: ChildProgram, launch: Launch): void {
  for (const [name, pair] of limitsOf(launch.spec.rlimits, launch.gate)) {
    inside.call('prlimit64', [0, RLIMITS[name], encodeRlimit(pair), null], {
      note: `${name} ${pair.soft}:${pair.hard}`,
    });
  }
}
