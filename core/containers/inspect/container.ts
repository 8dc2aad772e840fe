import { signalName } from '../../kernel/signals.js';
import type { MountSpec } from '../../plugin/spec.js';
import { type ContainerState, requireContainer } from '../../state/containers.js';
import { type ContainerDetails, readDetails } from '../../state/record.js';
import { volumeData } from '../../volumes/volume.js';
import { hostConfigOf } from './host-config.js';
import { networkSettingsOf } from './network-settings.js';
import { type OwnPart, ownPartOf } from './own-part.js';

/** Go's zero time: it never was. */
const NEVER = '0001-01-01T00:00:00Z';

/** A container in docker's shape, as far as scripts look at it, with a part of our own. */
export type ContainerInspection = ReturnType<typeof inspectionOf>;

/** Everything about one container. @throws TsboxError when it is not there, or damaged */
export function inspectContainer(root: string, reference: string): ContainerInspection {
  const container = requireContainer(root, reference);
  return inspectionOf(root, container, readDetails(container.directory));
}

function inspectionOf(root: string, container: ContainerState, details: ContainerDetails) {
  const { record, directory } = container;
  const [path = '', ...args] = record.command;
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: stateOf(container),
    Image: details.image.reference,
    ResolvConfPath: `${directory}/etc/resolv.conf`,
    HostnamePath: `${directory}/etc/hostname`,
    HostsPath: `${directory}/etc/hosts`,
    LogPath: record.monitored && details.spec.log.driver === 'file' ? `${directory}/log/log` : '',
    Name: `/${record.name}`,
    RestartCount: record.restarts ?? 0,
    Driver: details.drivers.storage.name,
    Platform: 'linux',
    HostConfig: hostConfigOf(record, details),
    Mounts: details.spec.mounts.map((mount) => mountOf(root, mount)),
    Config: configOf(record.image, details),
    NetworkSettings: networkSettingsOf(container, details),
    Tsbox: ownPartOf(container, details) as OwnPart,
  };
}

/** docker's `Running` is also true of one that is paused, or waits for its restart. */
function stateOf({ record, state, pid, exitCode, finished, oomKilled }: ContainerState) {
  return {
    Status: state === 'creating' ? 'created' : state,
    Running: ['running', 'paused', 'restarting'].includes(state),
    Paused: state === 'paused',
    Restarting: state === 'restarting',
    OOMKilled: oomKilled,
    Dead: false,
    Pid: pid ?? 0,
    ExitCode: exitCode ?? 0,
    Error: record.error ?? '',
    StartedAt: record.started ?? NEVER,
    FinishedAt: finished === undefined ? (record.finished ?? NEVER) : new Date(finished).toISOString(),
  };
}

function mountOf(root: string, mount: MountSpec) {
  const { type, target, readOnly } = mount;
  const common = { Destination: target, Mode: readOnly ? 'ro' : '', RW: !readOnly };
  if (type === 'bind') {
    return { Type: type, Source: mount.source, ...common, Propagation: mount.propagation ?? 'rprivate' };
  }
  if (type === 'tmpfs') return { Type: type, Source: '', ...common, Propagation: '' };
  const { name = '' } = mount;
  return { Type: type, Name: name, Source: volumeData(root, name), ...common, Driver: 'local', Propagation: '' };
}

function configOf(reference: string, { spec, image, hostname }: ContainerDetails) {
  const { config } = image;
  // A replaced entrypoint drops the image's command with the image's entrypoint.
  const cmd = spec.command.length > 0 || spec.entrypoint !== undefined ? spec.command : config.cmd;
  const entrypoint = spec.entrypoint ?? config.entrypoint;
  return {
    Hostname: hostname,
    Domainname: spec.domainname ?? '',
    User: spec.user ?? config.user,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: Object.fromEntries(
      spec.network.ports.map(({ containerPort, protocol }) => [`${containerPort}/${protocol}`, {}]),
    ),
    Tty: spec.tty,
    OpenStdin: spec.interactive,
    StdinOnce: false,
    Env: environmentOf(config.env, spec.env),
    Cmd: cmd.length > 0 ? cmd : null,
    Image: reference,
    Volumes: null,
    WorkingDir: spec.workdir ?? config.workdir,
    Entrypoint: entrypoint.length > 0 ? entrypoint : null,
    Labels: spec.labels,
    StopSignal: spec.stopSignal === undefined ? 'SIGTERM' : signalName(spec.stopSignal),
    ...(spec.stopTimeout !== undefined && { StopTimeout: Math.ceil(spec.stopTimeout / 1000) }),
  };
}

/** The image's and what was asked for: a later one of a name wins. */
function environmentOf(image: readonly string[], asked: readonly string[]): string[] {
  const pairs = [...image, ...asked].map((pair) => [pair.slice(0, pair.indexOf('=')), pair] as const);
  return [...new Map(pairs).values()];
}
