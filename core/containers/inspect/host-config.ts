import type { MountSpec, PortSpec, ResourceSpec, Spec } from '../../plugin/spec.js';
import type { ContainerDetails, ContainerRecord } from '../../state/record.js';

const NANO = 1e9;

/** What was asked for of the host; zero, empty or null is docker's word for "nothing". */
export function hostConfigOf({ autoRemove = false }: ContainerRecord, { spec }: ContainerDetails) {
  const { network, namespaces, security, log, restart } = spec;
  return {
    Binds: spec.mounts.flatMap(bindOf),
    LogConfig: {
      Type: log.driver,
      Config: { 'max-size': String(log.maxSize), 'max-file': String(log.maxFiles) },
    },
    NetworkMode: spec.drivers.network,
    PortBindings: portBindings(network.ports),
    RestartPolicy: { Name: restart.policy, MaximumRetryCount: restart.maximum ?? 0 },
    AutoRemove: autoRemove,
    CapAdd: security.capAdd,
    CapDrop: security.capDrop,
    CgroupnsMode: namespaces.cgroup,
    Dns: network.dns,
    DnsOptions: network.dnsOptions,
    DnsSearch: network.dnsSearch,
    ExtraHosts: network.addHosts.map(({ host, ip }) => `${host}:${ip}`),
    GroupAdd: spec.groups,
    IpcMode: namespaces.ipc,
    PidMode: hostOr(namespaces.pid),
    UTSMode: hostOr(namespaces.uts),
    UsernsMode: spec.drivers.userns,
    Privileged: security.privileged,
    ReadonlyRootfs: spec.readOnly,
    SecurityOpt: [`no-new-privileges=${security.noNewPrivileges}`],
    ShmSize: spec.shmSize,
    Init: spec.init,
    Tmpfs: tmpfsOf(spec.mounts),
    Ulimits: spec.rlimits.map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
    ...resourcesOf(spec.resources),
  };
}

function resourcesOf(resources: ResourceSpec) {
  return {
    Memory: resources.memory ?? 0,
    MemorySwap: resources.memorySwap ?? 0,
    MemoryReservation: resources.memoryReservation ?? 0,
    NanoCpus: Math.round((resources.cpus ?? 0) * NANO),
    CpuShares: resources.cpuShares ?? 0,
    CpusetCpus: resources.cpusetCpus ?? '',
    CpusetMems: resources.cpusetMems ?? '',
    PidsLimit: resources.pidsLimit ?? null,
    BlkioWeight: resources.blkioWeight ?? 0,
    Devices: resources.devices.map(({ source, target, access }) => ({
      PathOnHost: source,
      PathInContainer: target,
      CgroupPermissions: access,
    })),
  };
}

/** `{"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}`. */
export function portBindings(ports: readonly PortSpec[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { hostIp = '', hostPort, containerPort, protocol } of ports) {
    const key = `${containerPort}/${protocol}`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort ?? '') }];
  }
  return bindings;
}

function bindOf(mount: MountSpec): string[] {
  if (mount.type === 'tmpfs') return [];
  const source = mount.type === 'bind' ? mount.source : (mount.name ?? '');
  return [`${source}:${mount.target}${mount.readOnly ? ':ro' : ''}`];
}

function tmpfsOf(mounts: Spec['mounts']): Record<string, string> {
  const entries = mounts.flatMap((mount) => {
    if (mount.type !== 'tmpfs') return [];
    const { size, mode, readOnly, options } = mount;
    const sized = [
      ...(size === undefined ? [] : [`size=${size}`]),
      ...(mode === undefined ? [] : [`mode=${mode.toString(8)}`]),
    ];
    return [[mount.target, [readOnly ? 'ro' : 'rw', ...options, ...sized].join(',')]];
  });
  return Object.fromEntries(entries);
}

function hostOr(mode: 'private' | 'host'): string {
  return mode === 'host' ? 'host' : '';
}
