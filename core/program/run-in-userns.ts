import { closeSync, openSync } from 'node:fs';
import { errnoName, errnoNumber } from '../kernel/errno.js';
import type { Gate, WaitStatus } from '../kernel/gate.js';
import { createSealedExecutable } from '../kernel/memfd.js';
import { CLONE_ARGS, CLONE_NEWUSER, CLONE_PARENT } from '../kernel/sched.js';
import { encode } from './encode.js';
import * as images from './launcher/images.js';
import { SpawnedLauncher } from './launchers.js';
import { CONTROL_FD, FIRST_EXTRA_FD, PROGRAM_FD } from './layout.js';
import { Memory } from './memory.js';
import { Program } from './program.js';
import { ProgramSession } from './session.js';

const SIGKILL = 9;

/**
 * Runs a program of the host as root of a user namespace of its own, and waits for its end: what one
 * needs for files that belong to subordinate ids.
 * @param candidates full paths; the first that exists is executed, with `args` and no environment
 * @param map writes the maps of the waiting process
 * @throws Error when it could not be started
 */
export async function runInUserNamespace(
  gate: Gate,
  candidates: readonly string[],
  args: readonly string[],
  map: (pid: number) => Promise<void>,
): Promise<WaitStatus> {
  const launcher = createSealedExecutable(gate, 'tsbox-launcher', Buffer.from(images[gate.arch], 'base64'));
  const nothing = openSync('/dev/null', 'r+');
  const program = encode(recordProgram(candidates, args), gate.arch);
  const stdio = [nothing, nothing, nothing] as const;
  try {
    const session = new ProgramSession({
      gate,
      launchers: new SpawnedLauncher(gate, launcher),
      program,
      stdio,
      extra: [],
    });
    return await supervise(gate, session, map);
  } finally {
    closeSync(nothing);
    closeSync(launcher);
  }
}

async function supervise(
  gate: Gate,
  session: ProgramSession,
  map: (pid: number) => Promise<void>,
): Promise<WaitStatus> {
  try {
    if (!(await session.atBarrier())) throw notStarted(session);
    await map(session.state().child);
    session.go();
    // The program keeps the control socket, so that its end of file is the program's end.
    await session.executed();
    if (session.state().failed) throw notStarted(session);
  } catch (error) {
    end(gate, session);
    throw error;
  }
  const status = gate.wait({ pid: session.state().child }, true) as WaitStatus;
  session.close();
  return status;
}

/** Leaves neither a process nor a zombie. */
function end(gate: Gate, session: ProgramSession): void {
  session.reapStageOne();
  const { child } = session.state();
  session.close();
  if (child <= 0) return;
  gate.call('kill', child, SIGKILL);
  gate.wait({ pid: child }, true);
}

function recordProgram(candidates: readonly string[], args: readonly string[]): Program {
  const program = new Program();
  const author = { plugin: 'engine', hook: 'run-in-userns' };
  const launcher = program.recorder('launcher', author);
  const cloneArgs = new Memory(CLONE_ARGS.size, 'clone_args').u64(CLONE_ARGS.flags, CLONE_NEWUSER | CLONE_PARENT);
  launcher.call('close_range', [FIRST_EXTRA_FD, 0xffff_ffff, 0]);
  launcher.special('clone', 'clone3', [cloneArgs, CLONE_ARGS.size]);
  const child = program.recorder('outside', author);
  child.barrier(CONTROL_FD);
  child.call('close', [PROGRAM_FD]);
  const environment = Memory.vector([]);
  for (const path of candidates) {
    child.call('execve', [path, Memory.vector([path, ...args]), environment], { tolerate: ['ENOENT'] });
  }
  child.special('fail', 'fail', [errnoNumber('ENOENT')]);
  return program;
}

function notStarted(session: ProgramSession): Error {
  const { failed, errno } = session.state();
  return new Error(failed ? `${failed.name}: ${errnoName(errno)}` : 'the launcher ended and left no reason');
}
