import { spawn } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { latestFailure } from '../../../core/explain/index.js';
import { busyboxImage } from '../../support/image.js';
import { CLI, type CliResult, finished, REPOSITORY } from '../../support/run-cli.js';
import { type TempRoot, tempRoot } from '../../support/temp-root.js';

export interface ShellOptions {
  /** Options of unshare(1): the script is then in namespaces of its own. */
  readonly unshare?: readonly string[];
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface Explained {
  readonly id: string;
  /** What the first line says as the reason. */
  readonly why: RegExp;
  readonly fix: RegExp;
  readonly status: number;
}

/**
 * A state and an image of its own, and scripts that make something fail for real. In them `$TSBOX` is the
 * command line with its state, `$IMAGE` the image, `$DIR` a directory for what the script needs, and
 * `run` a container that ends at once, without a network.
 */
export class FailureBench {
  readonly state: TempRoot;
  readonly image: string;

  constructor(readonly user?: { readonly uid: number; readonly gid: number }) {
    this.state = tempRoot(user);
    this.image = join(this.state.directory, 'image');
  }

  prepare(): void {
    busyboxImage(this.image);
  }

  async shell(script: string, { unshare, user = this.user }: ShellOptions = {}): Promise<CliResult> {
    const text = `${PRELUDE}\n${script}`;
    const [program, ...args] = unshare ? ['unshare', ...unshare, 'sh', '-c', text] : ['sh', '-c', text];
    const { directory, flags } = this.state;
    const env = {
      PATH: process.env.PATH,
      HOME: directory,
      TSBOX: [process.execPath, '--', CLI, ...flags].join(' '),
      NODE: process.execPath,
      CLI,
      IMAGE: this.image,
      DIR: directory,
      ROOT: this.state.root,
      TSBOX_TEST_ISOLATED: process.env.TSBOX_TEST_ISOLATED,
    };
    const child = spawn(program as string, args, { cwd: REPOSITORY, env, stdio: 'pipe', ...(user && { ...user }) });
    child.stdin.end();
    return finished(child, [script], 55_000);
  }

  /** Runs a script whose last command fails, and checks the error, its explanation, and that of `explain ID`. */
  async fails(script: string, expected: Explained, options: ShellOptions = {}): Promise<CliResult> {
    const result = await this.shell(script, options);
    checkExplained(result, expected);
    const page = await this.shell(`$TSBOX explain ${expected.id}`);
    expect(page.stdout).toContain(`(${expected.id})`);
    return result;
  }

  latest() {
    return latestFailure(this.state.root);
  }
}

/** `uncover`: below what test/isolated.sh mounts there are the hierarchies of the machine. */
const PRELUDE = `set -e
run() { $TSBOX run --rm --network=none "$@"; }
uncover() { if [ "$TSBOX_TEST_ISOLATED" = 1 ]; then umount -lR /sys/fs/cgroup; fi; }`;

export function checkExplained({ status, stderr }: CliResult, { id, why, fix, status: expected }: Explained): void {
  const lines = stderr.trimEnd().split('\n');
  expect(stderr).toMatch(new RegExp(`\\n  ERR_TSBOX_[A-Z_]+\\n  tsbox explain ${id}\\n$`));
  expect(lines.find((line) => line.startsWith('tsbox: ') && !line.includes('warning'))).toMatch(why);
  expect(lines.filter((line) => line.startsWith('  fix: ')).join('\n')).toMatch(fix);
  expect(status).toBe(expected);
}

/** A dynamically linked program of this machine, in an image that has none of its libraries. */
export function addProgram(image: string, program: string): void {
  copyFileSync(program, join(image, 'bin', 'dynamic'));
}
