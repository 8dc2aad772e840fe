import { execFile, execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { busyboxImage } from '../../support/image.js';
import { type CliResult, runCli } from '../../support/run-cli.js';
import { type TempRoot, tempRoot } from '../../support/temp-root.js';

const run = promisify(execFile);

/** A state of its own with an image of busybox, and the command line on it. */
export interface Bench extends TempRoot {
  readonly image: string;
  /** Runs `tsbox ARGS`. */
  tsbox(...args: string[]): Promise<CliResult>;
  /** The same, which must succeed; what it printed, trimmed. */
  done(...args: string[]): Promise<string>;
  /** A container in the background that sleeps until it is stopped, which it is at once. @returns its id */
  start(name: string, ...flags: string[]): Promise<string>;
  /** Runs a shell script in the namespaces of a running container. @returns what it printed, trimmed */
  inside(name: string, script: string): Promise<string>;
  /** Its first process, as the host sees it. */
  pid(name: string): number;
  /** Removes all containers and networks. */
  clear(): Promise<void>;
}

const SLEEP = "trap 'exit 0' TERM; sleep 600 & wait";

/** A name that is not in /etc/hosts is asked for nowhere: nobody listens on the container's own loopback. */
export const NO_QUERIES = ['--dns', '127.0.0.1'];

/** @param config what stands in its configuration file, which it has then; a function is told its directory */
export function makeBench(config?: object | ((directory: string) => object)): Bench {
  const state = tempRoot();
  const flags = config
    ? [
        ...state.flags,
        `--config=${writeConfig(state.directory, typeof config === 'function' ? config(state.directory) : config)}`,
      ]
    : state.flags;
  const image = busyboxImage(join(state.directory, 'image'));
  const tsbox = (...args: string[]) => runCli([...flags, ...args]);
  const done = async (...args: string[]) => {
    const { status, stdout, stderr } = await tsbox(...args);
    expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' });
    return stdout.trim();
  };
  const pid = (name: string) => {
    const id = readFileSync(join(state.root, 'names', name), 'utf8');
    const record = JSON.parse(readFileSync(join(state.root, 'containers', id, 'container.json'), 'utf8'));
    return record.process.pid as number;
  };
  return {
    ...state,
    image,
    tsbox,
    done,
    pid,
    start: (name, ...flags) => done('run', '-d', '--name', name, ...NO_QUERIES, ...flags, image, 'sh', '-c', SLEEP),
    inside: async (name, script) => {
      const namespaces = ['--mount', '--net', '--pid', '--uts'];
      const args = ['--target', String(pid(name)), ...namespaces, '/bin/sh', '-c', script];
      // A script that fails has said why.
      const { stdout, stderr } = await run('nsenter', args, { env: { PATH: '/bin' } }).catch((error) => error);
      return `${stdout}${stderr}`.trim();
    },
    clear: async () => {
      const names = (await done('ps', '-a', '--format', '{{.Names}}')).split('\n').filter((name) => name !== '');
      if (names.length > 0) await done('rm', '-f', ...names);
      await done('network', 'prune', '-f');
    },
  };
}

function writeConfig(directory: string, config: object): string {
  const file = join(directory, 'tsbox.config.json');
  writeFileSync(file, JSON.stringify(config), { mode: 0o644 });
  return file;
}

/** What `inside` says of an address or a name: whether it answers a ping. */
export const ping = (target: string) => `ping -c1 -W1 ${target} >/dev/null 2>&1 && echo yes || echo no`;

/** The host, as other programs see it: links of tsbox, tables of tsbox. */
export function madeByTsbox(): string[] {
  const links = execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' }).match(/^tsb\w+/gm) ?? [];
  const tables = execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' }).match(/\btsb\w+/g) ?? [];
  return [...links, ...tables];
}
