import { O_CLOEXEC, O_PATH, oDirectory } from '../kernel/fcntl.js';
import { AT_FDCWD } from '../kernel/mount.js';
import { PR_SET_DUMPABLE } from '../kernel/prctl.js';
import { CLONE_ARGS, CLONE_INTO_CGROUP, CLONE_PARENT, CLONE_PARENT_SETTID, CLONE_VFORK } from '../kernel/sched.js';
import type { IdMaps } from '../plugin/launch.js';
import type { ChildProgram } from '../program/child-program.js';
import { Memory } from '../program/memory.js';
import type { Program } from '../program/program.js';
import type { Recorder } from '../program/recorder.js';

/** The descriptors that the launcher is started with for an exec, after stdio and the program. */
export const ENTRY_FDS = { report: 4, target: 5, cgroup: 6, files: 7 } as const;

/**
 * A page of its own, which the command's process never has: there the kernel writes the pids of both
 * clones. What is in the program can be changed by whoever may trace that process.
 */
export const REPORT = { address: 0x18_0000_0000n, size: 4096, entrant: 0, command: 4 } as const;

/** What the program needs to know of the container that it enters. */
export interface EntryPlan {
  /** CLONE_NEW* of those namespaces of the container that are not ours. */
  readonly namespaces: bigint;
  readonly namespaceNames: readonly string[];
  /** Of its user namespace, where that is not ours. */
  readonly idMaps: IdMaps | undefined;
  /** Whether there is a cgroup to be born into, and how many more to enter. */
  readonly cgroup: boolean;
  readonly files: number;
  /** Which of 0, 1 and 2 are the host's /dev/null. */
  readonly nullFds: readonly number[];
  readonly detached: boolean;
  /** Our pid. */
  readonly engine: number;
}

export const AUTHOR = { plugin: 'engine', hook: 'preExec' } as const;
const PROT_READ_WRITE = 3;
const MAP_SHARED_FIXED_NOREPLACE = 0x10_0001;
const MADV_DONTFORK = 10;
const SIGCHLD = 17n;
const ALL_FDS = 0xffff_ffff;

/**
 * The way in. By descriptors only: neither a path of the host nor anything else of it is in this program,
 * since a copy of it becomes memory of a process in the container.
 */
export function recordEntry(program: Program, child: ChildProgram, plan: EntryPlan): void {
  const launcher = program.recorder('launcher', AUTHOR);
  launcher.call('close_range', [ENTRY_FDS.files + plan.files, ALL_FDS, 0], { note: 'nothing inherited' });
  launcher.call('mmap', [
    REPORT.address,
    REPORT.size,
    PROT_READ_WRITE,
    MAP_SHARED_FIXED_NOREPLACE,
    ENTRY_FDS.report,
    0,
  ]);
  if (plan.cgroup) recordBirth(launcher);
  launcher.call('madvise', [REPORT.address, REPORT.size, MADV_DONTFORK], { note: 'what the kernel reports is ours' });
  recordJoin(program.recorder('enter', AUTHOR), plan);
  const { inside, root, arch } = child;
  inside.call('openat', [AT_FDCWD, '/', O_PATH | O_CLOEXEC | oDirectory(arch), 0], { result: root });
}

/** The process that enters is born into the v2 cgroup; moving there would take a lock over all threads. */
function recordBirth(launcher: Recorder): void {
  const args = new Memory(CLONE_ARGS.size, 'clone_args')
    .u64(CLONE_ARGS.flags, CLONE_PARENT | CLONE_PARENT_SETTID | CLONE_INTO_CGROUP)
    .u64(CLONE_ARGS.parentTid, REPORT.address + BigInt(REPORT.entrant))
    .u64(CLONE_ARGS.cgroup, BigInt(ENTRY_FDS.cgroup));
  launcher.special('clone', 'clone3', [args, CLONE_ARGS.size], { note: 'born into the cgroup' });
}

function recordJoin(enter: Recorder, plan: EntryPlan): void {
  for (let index = 0; index < plan.files; index++)
    enter.call('write', [ENTRY_FDS.files + index, '0', 1], { note: 'enter a cgroup of the container' });
  if (plan.namespaces !== 0n)
    enter.call('setns', [ENTRY_FDS.target, plan.namespaces], { note: plan.namespaceNames.join(', ') });
  if (!plan.idMaps) return;
  // Groups and ids of the host have no meaning inside: files and keys that are made are those of its root.
  if (plan.idMaps.setgroups !== 'deny') enter.call('setgroups', [0, null], { note: 'leave the groups of the caller' });
  enter.call('setresgid', [0, 0, 0], { note: 'the root group of the user namespace' });
  enter.call('setresuid', [0, 0, 0], { note: 'root of the user namespace' });
}

/**
 * The last clone, after which there is a process in the container: with its rights, its namespaces and
 * its cgroups, and with 0, 1 and 2. The caller waits for its exec (CLONE_VFORK), because no descriptor of
 * the child could tell the engine of it. clone(2), since filters that know no clone3(2) refuse that.
 */
export function recordLastClone(program: Program, plan: EntryPlan): void {
  const recorder = program.recorder('exec', AUTHOR);
  recorder.call('prctl', [PR_SET_DUMPABLE, 0, 0, 0, 0], { note: 'traceable only by who may trace all' });
  recorder.call('close_range', [3, ALL_FDS, 0], { note: 'only stdio is left' });
  // One that goes on without us is nobody's child: we would have to wait for it, and may be gone.
  const flags = CLONE_VFORK | CLONE_PARENT_SETTID | SIGCHLD | (plan.detached ? 0n : CLONE_PARENT);
  const pidAddress = REPORT.address + BigInt(REPORT.command);
  recorder.special('enter', 'clone', [flags, 0, pidAddress, plan.detached ? 0 : plan.engine], {
    note: 'into the container',
  });
}
