import { closeSync, openSync } from 'node:fs';
import { errnoName } from '../kernel/errno.js';
import type { Gate } from '../kernel/gate.js';
import { createSealedExecutable } from '../kernel/memfd.js';
import { CLONE_NEWNET } from '../kernel/sched.js';
import { ChildProgram } from './child-program.js';
import { encode } from './encode.js';
import * as images from './launcher/images.js';
import { SpawnedLauncher } from './launchers.js';
import { FIRST_EXTRA_FD } from './layout.js';
import { Program } from './program.js';
import { ProgramSession } from './session.js';

/**
 * Executes ops in a network namespace and waits for their end. They run in a process of their own, which
 * joins that namespace and no other: nothing in a container sees it, and no thread of ours changes.
 * @param namespace a descriptor of /proc/PID/ns/net
 * @param record records ops into `child.outside`; the file tree is the host's
 * @throws Error naming the op that failed
 */
export async function runInNetworkNamespace(
  gate: Gate,
  namespace: number,
  record: (child: ChildProgram) => void,
): Promise<void> {
  const program = new Program();
  const author = { plugin: 'engine', hook: 'run-in-netns' };
  const child = new ChildProgram({ program, arch: gate.arch, procMountable: false }, author);
  child.outside.call('close_range', [FIRST_EXTRA_FD + 1, 0xffff_ffff, 0]);
  child.outside.call('setns', [FIRST_EXTRA_FD, CLONE_NEWNET]);
  record(child);
  const launcher = createSealedExecutable(gate, 'tsbox-launcher', Buffer.from(images[gate.arch], 'base64'));
  const nothing = openSync('/dev/null', 'r+');
  const stdio = [nothing, nothing, nothing] as const;
  try {
    const encoded = encode(program, gate.arch);
    const session = new ProgramSession({
      gate,
      launchers: new SpawnedLauncher(gate, launcher),
      program: encoded,
      stdio,
      extra: [namespace],
    });
    try {
      await session.executed();
      session.reapStageOne();
      const { failed, errno, current } = session.state();
      if (failed) throw new Error(`${failed.note ?? failed.name}: ${errnoName(errno)}`);
      if (current !== encoded.ops.length - 1) throw new Error('the launcher ended and left no reason');
    } finally {
      session.close();
    }
  } finally {
    closeSync(nothing);
    closeSync(launcher);
  }
}
