import { MASKED_DIRECTORIES, MASKED_FILES, READ_ONLY_PATHS, throttleDirectories } from '../plugin/masked-paths.js';
import { annotationsOf, type OciRequest } from './annotations.js';
import { ociDevices, ociNamespaces, ociResources, sysctlsOf } from './linux.js';
import { ociMounts } from './mounts.js';
import { ociProcess } from './process.js';

export interface OciConfig {
  readonly ociVersion: string;
  readonly process: object;
  readonly root: { readonly path: string; readonly readonly: boolean };
  readonly hostname?: string;
  readonly domainname?: string;
  readonly mounts: readonly object[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly linux: object;
}

/** The last version that nothing has to be left out for, and that every runtime in use takes. */
const OCI_VERSION = '1.0.2';

/**
 * What a launch would make, in the words of the OCI runtime specification, for a bundle whose directory
 * `rootfs` holds the image. What it has no words for is in the annotations, and not in force there.
 */
export function ociConfig({ state, entries, strangers }: OciRequest): OciConfig {
  const { spec, namespaces, idMaps, hostname } = state;
  const own = namespaces.has('uts');
  const { privileged } = spec.security;
  const maps = (kind: 'uids' | 'gids') =>
    idMaps?.[kind].map(({ inside, outside, size }) => ({ containerID: inside, hostID: outside, size }));
  return {
    ociVersion: OCI_VERSION,
    process: ociProcess(state),
    root: { path: 'rootfs', readonly: spec.readOnly },
    ...(own && { hostname }),
    ...(own && spec.domainname !== undefined && { domainname: spec.domainname }),
    mounts: ociMounts(state),
    annotations: annotationsOf({ state, entries, strangers }),
    linux: {
      namespaces: ociNamespaces(state),
      ...(idMaps && { uidMappings: maps('uids'), gidMappings: maps('gids') }),
      devices: ociDevices(state),
      resources: ociResources(state),
      sysctl: sysctlsOf(entries),
      rootfsPropagation: 'private',
      maskedPaths: privileged ? [] : [...MASKED_FILES, ...MASKED_DIRECTORIES, ...throttleDirectories()].sort(),
      readonlyPaths: privileged ? [] : READ_ONLY_PATHS,
    },
  };
}
