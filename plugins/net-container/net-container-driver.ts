import {
  AT_FDCWD,
  type ChildProgram,
  CLONE_NEWNET,
  type Launch,
  type NetworkDriver,
  type NetworkPeer,
  O_CLOEXEC,
  O_RDONLY,
  refuseNetworkRequests,
  type Support,
  TsboxError,
  WORKS,
} from '../../core/plugin/index.js';

/** The network of another container, while that runs. */
export class NetContainerDriver implements NetworkDriver {
  readonly capabilities = {
    ownNamespace: false,
    ports: false,
    address: false,
    unprivileged: false,
    joins: true,
  } as const;

  check(): Support {
    return WORKS;
  }

  validate(launch: Launch): void {
    const { spec } = launch;
    const { name } = peerOf(launch);
    refuseNetworkRequests(spec.network, this.capabilities, `the network is that of container ${name}`);
    const { dns, dnsSearch, dnsOptions, addHosts, aliases } = spec.network;
    if (dns.length > 0) throw conflict('--dns', name);
    if (dnsSearch.length > 0) throw conflict('--dns-search', name);
    if (dnsOptions.length > 0) throw conflict('--dns-option', name);
    if (addHosts.length > 0) throw conflict('--add-host', name);
    if (aliases.length > 0) throw conflict('--network-alias', name);
    if (spec.hostname !== undefined) throw conflict('--hostname', name);
    if (spec.drivers.userns !== 'host') throw conflict(`--userns=${spec.drivers.userns}`, name, '--userns=host');
  }

  /** Before the clone, which then finds the namespace already entered. */
  record({ launcher }: ChildProgram, launch: Launch): void {
    const { pid, name } = peerOf(launch);
    const hint = `did container ${name} end meanwhile?`;
    const path = `/proc/${pid}/ns/net`;
    const namespace = launcher.callTo('netns', 'openat', [AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0], { hint });
    launcher.call('setns', [namespace, CLONE_NEWNET], { note: `the network of container ${name}`, hint });
    launcher.call('close', [namespace]);
  }

  /** If it runs now, its pid was nobody else's when the namespace was opened. */
  async attach(launch: Launch): Promise<void> {
    const peer = peerOf(launch);
    const run = () => {
      if (!peer.isAlive()) throw hasEnded(peer);
    };
    await launch.step({ action: 'check', target: `container ${peer.name} still runs`, run });
  }
}

function peerOf({ network }: Launch): NetworkPeer {
  const { peer } = network.chosen;
  if (peer) return peer;
  throw new Error('the engine gave no container to join');
}

function conflict(flag: string, container: string, fix = `leave out ${flag}`): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot combine ${flag} with --network=container:${container}`,
    why: 'network, hostname and name resolution are those of that container',
    fix,
  });
}

function hasEnded({ name }: NetworkPeer): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot join the network of container ${name}`,
    why: 'it has ended meanwhile',
    fix: `tsbox start ${name}`,
  });
}
