import { type Host, type Support, type UsernsDriver, unsupported, WORKS } from '../../core/plugin/index.js';

/** No user namespace: ids inside are the ids outside. */
export class HostDriver implements UsernsDriver {
  constructor(readonly host: Host) {}

  check(): Support {
    if (this.host.privileged) return WORKS;
    return unsupported(
      'without a user namespace only root can make the other namespaces',
      'use --userns=auto, or run tsbox as root',
      'needs-root',
    );
  }
}
