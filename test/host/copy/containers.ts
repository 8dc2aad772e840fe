import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { Engine } from '../../../core/engine/index.js';
import { builtins } from '../../../plugins/builtins.js';
import { finished, runCli, startCli } from '../../support/run-cli.js';
import type { TempRoot } from '../../support/temp-root.js';

export const STORAGES = ['overlay', 'copy'] as const;

/** Runs the command line with the state of a test. */
export function commandLine({ flags }: TempRoot) {
  return (...args: string[]) => runCli([...flags, ...args]);
}

/** A container that has run a script and stays. */
export async function makeContainer(
  state: TempRoot,
  name: string,
  image: string,
  script: string,
  ...flags: string[]
): Promise<void> {
  const command = ['run', '--network=none', `--name=${name}`, ...flags, image, 'sh', '-c', script];
  const { status, stderr } = await runCli([...state.flags, ...command]);
  if (status !== 0) throw new Error(`exit status ${status}: ${stderr}`);
}

/** A container in the foreground that runs a script; it has run what comes before `echo up`. */
export async function startContainer(
  state: TempRoot,
  name: string,
  image: string,
  script: string,
  ...flags: string[]
): Promise<{ stop(): Promise<void> }> {
  const command = ['run', '--network=none', `--name=${name}`, ...flags, image, 'sh', '-c', script];
  const child: ChildProcess = startCli([...state.flags, ...command]);
  const ended = finished(child);
  await new Promise((resolve, reject) => {
    child.stdout?.once('data', resolve);
    void ended.then(({ stderr }) => reject(new Error(stderr)), reject);
  });
  // The record follows the exec, which comes before the first output only nearly always.
  while (!isListed(state, name)) await new Promise((resolve) => setTimeout(resolve, 5));
  return {
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      await runCli([...state.flags, 'gc']);
    },
  };
}

function isListed({ root }: TempRoot, name: string): boolean {
  const records = readdirSync(`${root}/containers`).map((id) => `${root}/containers/${id}/container.json`);
  return records.some((path) => {
    try {
      const record = JSON.parse(readFileSync(path, 'utf8'));
      return record.name === name && record.status === 'running';
    } catch {
      return false;
    }
  });
}

export function engineOf({ root, runroot }: TempRoot): Engine {
  return new Engine({ root, runroot, plugins: builtins });
}
