import type { Command } from 'commander';
import { inspectVolume, type VolumeInfo } from '../../core/volumes/list.js';
import type { Finish } from '../command.js';
import { printOne } from '../format.js';
import { readGlobals } from '../globals.js';
import { print } from '../output.js';
import { reportError } from '../report-error.js';
import { readStatePaths } from '../state-paths.js';

export function defineVolumeInspect(command: Command, finish: Finish): void {
  command
    .command('inspect')
    .description('print everything about volumes, as JSON')
    .argument('<volume...>')
    .option('-f, --format <format>', "json, or a template: '{{.Mountpoint}}'")
    .action(async (names: string[], { format }: { readonly format?: string }, parsed: Command) => {
      const globals = readGlobals(parsed, process.env);
      const { root } = await readStatePaths(globals);
      const found: object[] = [];
      let status = 0;
      for (const name of names) {
        try {
          found.push(asDocker(inspectVolume(root, name)));
        } catch (error) {
          status = reportError(error, { failure: 1, debug: globals.debug });
        }
      }
      if (format === undefined || format === 'json') print(`${JSON.stringify(found, undefined, 4)}\n`);
      else for (const each of found) await printOne(templated(each), format);
      finish(status);
    });
}

/** docker's object. */
export function asDocker({ name, created, labels, mountpoint, anonymous }: VolumeInfo): object {
  return {
    CreatedAt: created,
    Driver: 'local',
    // How docker marks them too.
    Labels: anonymous ? { 'com.docker.volume.anonymous': '', ...labels } : labels,
    Mountpoint: mountpoint,
    Name: name,
    Options: {},
    Scope: 'local',
  };
}

/** Labels are a map for a template: a key that is not there has no value. */
function templated(volume: object): object {
  const entries = Object.entries(volume).map(([key, value]) => {
    return [key, key === 'Labels' || key === 'Options' ? new Map(Object.entries(value as object)) : value];
  });
  return Object.fromEntries(entries);
}
