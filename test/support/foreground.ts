import type { ChildProcess } from 'node:child_process';
import { listContainers } from '../../core/state/containers.js';
import { type CliResult, finished, startCli } from './run-cli.js';
import type { TempRoot } from './temp-root.js';
import { until } from './until.js';

const LONGEST_MS = 120_000;

/** A container in the foreground whose script has printed its first line. */
export interface ForegroundContainer {
  readonly name: string;
  readonly cli: ChildProcess;
  /** How the command that started it ended. */
  readonly ended: Promise<CliResult>;
  /** Kills it and waits for the end of the command that started it. */
  end(): Promise<CliResult>;
}

/** Starts a container without a network; its script says `up` when it is ready. */
export async function startForeground(
  state: TempRoot,
  image: string,
  name: string,
  script: string,
  flags: readonly string[] = [],
): Promise<ForegroundContainer> {
  const args = [...state.flags, 'run', '--network=none', '--name', name, ...flags, image, 'sh', '-c', script];
  const cli = startCli(args);
  const ended = finished(cli, args, LONGEST_MS);
  await new Promise((resolve, reject) => {
    cli.stdout?.once('data', resolve);
    cli.once('close', () => reject(new Error(`${name} ended before it was up`)));
  });
  // Its record follows the exec of its command.
  await until(() =>
    listContainers(state.root, () => {}).some(({ record, pid }) => record.name === name && pid !== undefined),
  );
  const end = () => {
    // The third one kills.
    const again = setInterval(() => cli.kill('SIGTERM'), 20);
    return ended.finally(() => clearInterval(again));
  };
  return { name, cli, ended, end };
}
