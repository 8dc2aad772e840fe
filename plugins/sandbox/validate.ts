import {
  availableCapabilities,
  capabilityNames,
  capabilitySet,
  type Launch,
  limitsOf,
} from '../../core/plugin/index.js';

/** Refuses rights and limits that cannot be given. @throws TsboxError */
export function validateSandbox(launch: Launch): void {
  const { missing } = capabilitySet(launch.spec.security, availableCapabilities(launch));
  if (missing !== 0n) {
    const names = capabilityNames(missing).join(', ');
    launch.warn(`the container goes without ${names}, which tsbox itself does not have`, 'capabilities');
  }
  limitsOf(launch.spec.rlimits, launch.gate);
}
