import { posix } from 'node:path';
import {
  AT_FDCWD,
  type ChildProgram,
  type Launch,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOVE_MOUNT_F_EMPTY_PATH,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_WRONLY,
  OPEN_TREE_CLOEXEC,
  OPEN_TREE_CLONE,
  type SecretSpec,
  type Slot,
} from '../../core/plugin/index.js';
import { secretHandle } from './secret-files.js';
import type { PlacedMount } from './user-mounts.js';

/** Where most secrets are. */
export const SECRETS_DIRECTORY = '/run/secrets';
const ATTRIBUTES = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
/** More than any secret has; sendfile(2) ends with the file. */
const WHOLE = 0x7fff_f000;

/** Those whose target is elsewhere: each is bound by itself. */
export function scattered(secrets: readonly SecretSpec[]): SecretSpec[] {
  return secrets.filter(({ target }) => posix.dirname(target) !== SECRETS_DIRECTORY);
}

/**
 * Secrets are copied into memory: they have the owner and the mode that the container needs, whatever
 * those of the file are, and nothing of them gets into a layer. The kernel copies them, from descriptors
 * that the engine opened (a child in a user namespace may not); what they say is never in the program.
 */
export function secretMounts(child: ChildProgram, launch: Launch): PlacedMount[] {
  const secrets = launch.spec.secrets ?? [];
  if (secrets.length === 0) return [];
  const sources = child.receive(secrets.map(secretHandle));
  const source = (secret: SecretSpec) => sources[secrets.indexOf(secret)] as Slot;
  const others = scattered(secrets);
  const gathered = secrets.filter((secret) => !others.includes(secret));
  return [
    ...(gathered.length > 0 ? [directoryOf(child, launch, gathered, source)] : []),
    ...(others.length > 0 ? filesOf(child, launch, others, source) : []),
  ];
}

type SourceOf = (secret: SecretSpec) => Slot;

function directoryOf(
  child: ChildProgram,
  launch: Launch,
  secrets: readonly SecretSpec[],
  source: SourceOf,
): PlacedMount {
  const mount = memory(child);
  for (const secret of secrets) copy(child, launch, { mount, name: posix.basename(secret.target), secret, source });
  child.setAttributes(child.outside, mount, { set: MOUNT_ATTR_RDONLY });
  return { target: SECRETS_DIRECTORY, kind: 'directory', mount };
}

/**
 * A bind of a single file can only be made of a mount that has a place (open_tree(2)): it gets one in the
 * container's own directory, in the tree that goes when the child enters its rootfs.
 */
function filesOf(child: ChildProgram, launch: Launch, secrets: readonly SecretSpec[], source: SourceOf): PlacedMount[] {
  const { outside } = child;
  const mount = memory(child);
  for (const secret of secrets) copy(child, launch, { mount, name: secret.name, secret, source });
  child.setAttributes(outside, mount, { set: MOUNT_ATTR_RDONLY });
  const place = child.hostPath(posix.join(launch.paths.container, 'secrets'));
  outside.call('move_mount', [mount, '', AT_FDCWD, place, MOVE_MOUNT_F_EMPTY_PATH], { note: 'a place to bind from' });
  const binds = secrets.map(({ name, target }): PlacedMount => {
    const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
    return { target, kind: 'file', mount: outside.callTo(`secret:${name}`, 'open_tree', [mount, name, flags]) };
  });
  outside.call('close', [mount]);
  return binds;
}

function memory(child: ChildProgram): Slot {
  return child.fsopen('tmpfs').set('source', 'secrets').set('mode', '755').mount(ATTRIBUTES);
}

interface Copy {
  readonly mount: Slot;
  readonly name: string;
  readonly secret: SecretSpec;
  readonly source: SourceOf;
}

function copy({ outside }: ChildProgram, { command }: Launch, { mount, name, secret, source }: Copy): void {
  const flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
  const note = `secret ${secret.name}`;
  const file = outside.callTo(note, 'openat', [mount, name, flags, 0o600]);
  outside.call('sendfile', [file, source(secret), null, WHOLE], { note });
  outside.call('fchown', [file, command.uid, command.gid], { note });
  outside.call('fchmod', [file, secret.mode], { note });
  outside.call('close', [file]);
  outside.call('close', [source(secret)]);
}
