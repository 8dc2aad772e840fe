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
} from '../kernel/sched.js';
import type { NamespaceName } from '../plugin/launch.js';
import { CONTROL_FD, FIRST_EXTRA_FD } from '../program/layout.js';
import { Memory } from '../program/memory.js';
import type { Program } from '../program/program.js';
import type { LaunchState } from './launch-state.js';

const FLAGS: Readonly<Record<NamespaceName, bigint>> = {
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
/** The system's longest path; a PATH that asks for more is not searched to its end. */
const MAX_CANDIDATES = 64;

/** First of all: what the caller's own caller left open and inheritable ends here. */
export function recordStart(program: Program, state: LaunchState, barrier: boolean): void {
  const recorder = program.recorder('launcher', { plugin: 'engine', hook: 'childSetup' });
  const first = FIRST_EXTRA_FD + (state.spec.tty ? 1 : 0);
  recorder.call('close_range', [first, 0xffffffff, 0], { note: 'nothing inherited' });
  if (!barrier) return;
  const child = program.recorder('outside', { plugin: 'engine', hook: 'childSetup' });
  child.barrier(CONTROL_FD, { note: 'wait for postClone' });
}

/** The clone: all namespaces at once; on cgroup v2 the container is born into its cgroup. */
export function recordClone(program: Program, state: LaunchState): void {
  const recorder = program.recorder('launcher', { plugin: 'engine', hook: 'preClone' });
  const cloneArgs = new Memory(CLONE_ARGS.size, 'clone_args');
  let flags = CLONE_PARENT;
  for (const name of state.namespaces) flags |= FLAGS[name];
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
