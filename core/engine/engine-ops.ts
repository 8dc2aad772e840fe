import { errnoNumber } from '../kernel/errno.js';
import { O_CLOEXEC, O_PATH, oDirectory } from '../kernel/fcntl.js';
import { AT_FDCWD } from '../kernel/mount.js';
import {
  CLONE_ARGS,
  CLONE_INTO_CGROUP,
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
} from '../kernel/sched.js';
import type { Command, NamespaceName } from '../plugin/launch.js';
import { CHILD_ADDRESS, CONTROL_FD, FIRST_EXTRA_FD } from '../program/layout.js';
import { Memory } from '../program/memory.js';
import type { Program } from '../program/program.js';
import type { Recorder } from '../program/recorder.js';
import type { LaunchState } from './launch-state.js';

export const NAMESPACE_FLAGS: Readonly<Record<NamespaceName, bigint>> = {
  mount: CLONE_NEWNS,
  cgroup: CLONE_NEWCGROUP,
  uts: CLONE_NEWUTS,
  ipc: CLONE_NEWIPC,
  user: CLONE_NEWUSER,
  pid: CLONE_NEWPID,
  net: CLONE_NEWNET,
  time: CLONE_NEWTIME,
};

const MSG_PEEK_DONTWAIT = 0x42;
const SIGCHLD = 17;
/** Third argument of a clone op: whoever makes it ends, and is not the monitor. */
const CALLER_ENDS = 1;
/** Descriptors 5 and up that a monitor is given, at most. */
const MOST_MONITOR_FDS = 12;
/** The system's longest path; a PATH that asks for more is not searched to its end. */
const MAX_CANDIDATES = 64;

/**
 * Whether the child waits for the engine after the clone. Quiet: the engine does not ask whether it is there. Late: it
 * waits a second time, before the ops of the network driver.
 */
export type BarrierKind = 'none' | 'quiet' | 'loud' | 'late';

/** First of all: what the caller's own caller left open and inheritable ends here. */
export function recordStart(
  program: Program,
  state: LaunchState,
  options: { readonly barrier: BarrierKind; readonly watched: boolean },
): void {
  const recorder = program.recorder('launcher', { plugin: 'engine', hook: 'childSetup' });
  const first = FIRST_EXTRA_FD + (options.watched ? MOST_MONITOR_FDS : state.spec.tty ? 1 : 0);
  recorder.call('close_range', [first, 0xffffffff, 0], { note: 'nothing inherited' });
  if (options.watched) recordMonitorStart(recorder);
  if (options.barrier === 'none') return;
  const child = program.recorder('outside', { plugin: 'engine', hook: 'childSetup' });
  const quiet = options.barrier === 'quiet';
  child.barrier(CONTROL_FD, { note: quiet ? 'wait for the engine' : 'wait for postClone', quiet });
}

/**
 * What stays as the monitor is nobody's child, so that the program that embeds the engine has no zombie to
 * wait for; it outlives the session, the terminal and the directory that it was started in.
 */
function recordMonitorStart(recorder: Recorder): void {
  const cloneArgs = new Memory(CLONE_ARGS.size, 'clone_args').u64(CLONE_ARGS.exitSignal, BigInt(SIGCHLD));
  recorder.special('clone', 'clone3', [cloneArgs, CLONE_ARGS.size, CALLER_ENDS], { note: 'the monitor' });
  recorder.call('setsid', [], { note: 'outlives the terminal' });
  recorder.call('chdir', ['/'], { note: 'holds no directory of the caller' });
}

/** The clone: all namespaces at once; on cgroup v2 the container is born into its cgroup. */
export function recordClone(program: Program, state: LaunchState, watched: boolean): void {
  const recorder = program.recorder('launcher', { plugin: 'engine', hook: 'preClone' });
  const cloneArgs = new Memory(CLONE_ARGS.size, 'clone_args');
  // The kernel writes the pid before the child runs: at its barrier the engine finds it.
  let flags = (watched ? 0n : CLONE_PARENT) | CLONE_PARENT_SETTID;
  cloneArgs.u64(CLONE_ARGS.parentTid, CHILD_ADDRESS);
  if (watched) cloneArgs.u64(CLONE_ARGS.exitSignal, BigInt(SIGCHLD));
  for (const name of state.namespaces) flags |= NAMESPACE_FLAGS[name];
  if (state.cgroup !== undefined) {
    flags |= CLONE_INTO_CGROUP;
    const open = O_PATH | O_CLOEXEC | oDirectory(state.gate.arch);
    recorder.call('openat', [AT_FDCWD, state.cgroup, open, 0], { result: cloneArgs.at(CLONE_ARGS.cgroup) });
  }
  cloneArgs.u64(CLONE_ARGS.flags, flags);
  recorder.special('clone', 'clone3', [cloneArgs, CLONE_ARGS.size], {
    note: cloneFlagNames(state),
    hint: cloneHint(state),
  });
}

/**
 * The command: one execve per candidate, as execvp(3) searches PATH. Before it, the last look at
 * the engine: it may have died after its word at the barrier and before PR_SET_PDEATHSIG was set.
 */
export function recordExec(program: Program, state: LaunchState): void {
  const recorder = program.recorder('exec', { plugin: 'engine', hook: 'preExec' });
  const { command } = state;
  const alive = recorder.label();
  const byte = new Memory(1, 'byte');
  recorder.call('recvfrom', [CONTROL_FD, byte, 1, MSG_PEEK_DONTWAIT, 0, 0], {
    tolerate: { errnos: ['EAGAIN'], goto: alive },
    note: 'is the engine there?',
  });
  recorder.special('fail', 'fail', [errnoNumber('ECANCELED')], { note: 'the engine has died' });
  recorder.place(alive);
  recordCommand(recorder, command);
}

/** One execve per candidate; the last errno, or that there is none, is what failed. */
export function recordCommand(recorder: Recorder, command: Command): void {
  const argv = Memory.vector(command.argv, 'argv');
  const env = Memory.vector(command.env, 'env');
  for (const path of candidates(command.argv[0] as string, command.env)) {
    recorder.call('execve', [path, argv, env], { tolerate: ['ENOENT', 'ENOTDIR', 'EACCES'] });
  }
  recorder.special('fail', 'fail', [errnoNumber('ENOENT')], { note: 'no candidate could be executed' });
}

function candidates(file: string, env: readonly string[]): string[] {
  if (file.includes('/')) return [file];
  const path = env.findLast((pair) => pair.startsWith('PATH='))?.slice('PATH='.length) ?? '/bin:/usr/bin';
  // An empty element means the working directory: execvp(3).
  return path
    .split(':')
    .slice(0, MAX_CANDIDATES)
    .map((directory) => `${directory || '.'}/${file}`);
}

function cloneFlagNames(state: LaunchState): string {
  return [...state.namespaces].join(', ');
}

function cloneHint(state: LaunchState): string {
  if (state.namespaces.has('user')) {
    // The switches of sysctl(8) have been read by the userns driver; these it cannot see.
    return (
      'user namespaces are refused inside a chroot, and by seccomp filters and security modules ' +
      '(inside docker: --security-opt seccomp=unconfined); ENOSPC means user.max_user_namespaces: user_namespaces(7)'
    );
  }
  return 'see namespaces(7): the limits in /proc/sys/user/max_*_namespaces';
}
