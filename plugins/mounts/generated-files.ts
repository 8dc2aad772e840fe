import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildProgram, Launch } from '../../core/plugin/index.js';
import { hostsFile, readHostFile } from './hosts-file.js';
import { resolvConf } from './resolv-conf.js';
import type { PlacedMount } from './user-mounts.js';

const NAMES = ['hosts', 'hostname', 'resolv.conf'] as const;

/** Writes what is bound over the image's files, into the container's own directory; never into the image. */
export async function writeGeneratedFiles(launch: Launch): Promise<void> {
  const { etc } = await launch.directories('etc');
  const texts = {
    hosts: hostsFile(launch),
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
}

/** A link in the image is covered, not followed: it may lead nowhere, or to a file that others use. */
export function generatedFiles(child: ChildProgram, launch: Launch): PlacedMount[] {
  const replaced = launch.spec.mounts.map(({ target }) => target);
  return NAMES.filter((name) => !replaced.includes(`/etc/${name}`)).map((name) => ({
    target: `/etc/${name}`,
    kind: 'file',
    links: 'cover',
    mount: child.openTree(join(launch.paths.container, 'etc', name), {
      recursive: false,
      readOnly: launch.spec.readOnly,
    }),
  }));
}
