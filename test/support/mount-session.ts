import { spawn } from 'node:child_process';
import { CLI, type CliResult, finished, quote, REPOSITORY } from './run-cli.js';
import type { TempRoot } from './temp-root.js';

/**
 * Runs a script for sh in a mount namespace of its own, where it can mount what it likes: full, read-only and
 * tiny file systems that are real. In it `tsbox` is the command line with the state's flags, `$ROOT` and
 * `$RUN` its directories; `status` prints how the command before it ended.
 */
export function mountSession({ root, runroot, flags }: TempRoot, script: string): Promise<CliResult> {
  const command = [process.execPath, '--', CLI, ...flags].map(quote).join(' ');
  const prelude = `ROOT=${quote(root)}; RUN=${quote(runroot)}
tsbox() { ${command} "$@"; }
status() { echo "status $?"; }
`;
  const args = ['--mount', '--propagation', 'private', 'sh', '-c', prelude + script];
  const child = spawn('unshare', args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] });
  return finished(child, args);
}
