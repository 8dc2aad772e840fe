import { accessSync, constants } from 'node:fs';
import { type Host, hasCode, type Precondition, type Support, unsupported, WORKS } from '../../core/plugin/index.js';
import type { NetworkKernel } from './network-kernel.js';
import { LOCK_FILE } from './network-lock.js';

/** Whether this process can make bridges here. */
export function bridgeSupport(host: Host, kernel: NetworkKernel): Support {
  if (!host.privileged) {
    return unsupported(
      'a bridge on the host needs root (CAP_NET_ADMIN)',
      'run as root, or use --network=none or --network=host',
      'needs-root',
    );
  }
  if (!isWritable(LOCK_FILE)) {
    return unsupported(
      '/proc/sys is read-only here',
      'run tsbox where /proc/sys can be written: on the host itself',
      'proc-sys-read-only',
    );
  }
  return nfTablesSupport(kernel);
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** The same, one by one. */
export function bridgePreconditions(host: Host, kernel: NetworkKernel): Precondition[] {
  const writable = isWritable(LOCK_FILE);
  const nft = nfTablesSupport(kernel);
  return [
    host.privileged
      ? { name: 'root', ok: true, detail: '' }
      : { name: 'root', ok: false, detail: 'an ordinary user', fix: 'run tsbox as root', diagnosis: 'needs-root' },
    writable
      ? { name: '/proc/sys can be written', ok: true, detail: '' }
      : {
          name: '/proc/sys can be written',
          ok: false,
          detail: 'it is read-only',
          fix: 'run tsbox on the host itself',
          diagnosis: 'proc-sys-read-only',
        },
    nft.works
      ? { name: 'nf_tables', ok: true, detail: '' }
      : {
          name: 'nf_tables',
          ok: false,
          detail: nft.reason,
          fix: nft.fix,
          ...(nft.diagnosis !== undefined && { diagnosis: nft.diagnosis }),
        },
  ];
}

/** Asked for by a message that changes nothing. */
export function nfTablesSupport({ nft }: NetworkKernel): Support {
  try {
    nft.probe();
    return WORKS;
  } catch (error) {
    if (hasCode(error, 'EPERM'))
      return unsupported(
        'nf_tables may not be used: this process has no CAP_NET_ADMIN over its network namespace',
        'run tsbox with CAP_NET_ADMIN (docker: --cap-add=NET_ADMIN), or use --network=none or --network=host',
        'nft-not-permitted',
      );
    const said = error instanceof Error ? error.message : String(error);
    return unsupported(
      `the kernel has no nf_tables (${said})`,
      'modprobe nf_tables, or use --network=none or --network=host',
      'nft-missing',
    );
  }
}
