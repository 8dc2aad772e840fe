import {
  type CgroupEntrance,
  holdsMknod,
  type Launch,
  LIMIT_FLAGS,
  notEnforceable,
  type ResourceDriver,
  requestedLimits,
  type Support,
  WORKS,
} from '../../core/plugin/index.js';

/** No limits: the container stays in the cgroups of the engine. Works everywhere. */
export class NoneDriver implements ResourceDriver {
  /** Devices are not a limit here: without a device list all of them are allowed. */
  readonly capabilities = { limits: ['devices'] } as const;

  check(): Support {
    return WORKS;
  }

  validate(launch: Launch): void {
    const [limit] = requestedLimits(launch.spec.resources).filter((name) => name !== 'devices');
    if (limit === undefined) return;
    throw notEnforceable(limit, 'the resources driver "none" has no limits', [
      `leave out ${LIMIT_FLAGS[limit]}`,
      'or run as root with --resources=auto; `tsbox info` says what each driver needs',
    ]);
  }

  /** It stays in the cgroups of its caller, as the container stayed in those of its own. */
  entrance(): CgroupEntrance {
    return { files: [] };
  }

  async prepare(launch: Launch): Promise<void> {
    const { security } = launch.spec;
    // In a user namespace no device node can be made, and a privileged container may use them all.
    if (!launch.host.privileged || launch.namespaces.has('user') || security.privileged || !holdsMknod(security))
      return;
    launch.warn(
      'the resources driver "none" has no device list: this container can make and open nodes of any device',
      'devices',
    );
  }
}
