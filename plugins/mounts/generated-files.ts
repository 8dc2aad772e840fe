import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type ChildProgram,
  type Launch,
  MOVE_MOUNT_F_EMPTY_PATH,
  resolvConf,
  S_IFREG,
  type Slot,
} from '../../core/plugin/index.js';
import { hostsFile, readHostFile } from './hosts-file.js';
import type { NamedMount } from './named-mount.js';

const NAMES = ['hosts', 'hostname', 'resolv.conf'] as const;

/** Writes what is bound over the image's files, into the container's own directory; never into the image. */
export async function writeGeneratedFiles(launch: Launch): Promise<void> {
  // Who joins the network of another container shares its files, which may change while both run.
  if (launch.network.chosen.peer) return;
  const { etc } = await launch.directories('etc');
  const { awaiting } = launch.network;
  const texts = {
    // The child opens it; what it is to say may be known later.
    hosts: awaiting ? '' : hostsFile(launch),
    hostname: `${launch.hostname}\n`,
    'resolv.conf': resolvConf(launch, readHostFile('/etc/resolv.conf')),
  };
  const path = (name: string) => join(etc, name);
  const run = () => {
    for (const name of NAMES) {
      writeFileSync(path(name), texts[name]);
      // Whatever the caller's umask is: every user of the container reads them.
      chmodSync(path(name), 0o644);
    }
  };
  await launch.step({ action: 'write', target: NAMES.map(path).join(' '), run });
  const hosts = path('hosts');
  const rewrite = () =>
    launch.step({ action: 'write', target: hosts, run: () => writeFileSync(hosts, hostsFile(launch)) });
  awaiting?.push(rewrite);
}

/** Their mounts, by name in /etc; one that the user replaces is left out. */
export function generatedFiles(child: ChildProgram, launch: Launch): NamedMount[] {
  const replaced = launch.spec.mounts.map(({ target }) => target);
  const readOnly = launch.spec.readOnly;
  const directory = launch.network.chosen.peer?.directory ?? launch.paths.container;
  return NAMES.filter((name) => !replaced.includes(`/etc/${name}`)).map((name) => ({
    name,
    mount: child.openTree(join(directory, 'etc', name), { recursive: false, readOnly }),
  }));
}

/** Makes a place for each, unless the image has one. */
export function makePlaces(child: ChildProgram, files: readonly NamedMount[]): Slot {
  const etc = child.makePath('/etc', 'directory');
  for (const { name } of files) {
    const options = {
      tolerate: ['EEXIST'],
      note: `make /etc/${name}`,
      hint: `the image lacks /etc/${name}: make it there`,
    };
    child.inside.call('mknodat', [etc, name, S_IFREG | 0o644, 0], options);
  }
  return etc;
}

/** A link in the image is covered, not followed: it may lead nowhere, or to a file that others use. */
export function attachGenerated(child: ChildProgram, files: readonly NamedMount[]): void {
  const etc = makePlaces(child, files);
  for (const { name, mount } of files) {
    child.inside.call('move_mount', [mount, '', etc, name, MOVE_MOUNT_F_EMPTY_PATH], { note: `mount on /etc/${name}` });
    child.inside.call('close', [mount]);
  }
  child.inside.call('close', [etc]);
}
