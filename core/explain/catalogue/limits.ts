import type { CatalogueEntry, Failure, Finding } from '../diagnosis.js';
import { hasErrno, isAction } from '../facts.js';
import { readNumber, softLimit } from '../look/host-look.js';
import { ownCgroupFile } from '../look/own-cgroup.js';

const PROCESSES = ['clone3', 'clone', 'fork', 'vfork', 'posix_spawn', 'spawn', 'pthread_create'];

/** Limits of the process that runs tsbox, and of the container. */
export const LIMITS: readonly CatalogueEntry[] = [
  {
    id: 'fd-limit',
    title: 'This process has too many open files',
    why: 'The limit of open files (RLIMIT_NOFILE) of tsbox is reached: a launch needs some forty for a moment.',
    fix: ['raise the limit: ulimit -n 4096', 'in systemd: LimitNOFILE= of the unit'],
    see: ['getrlimit(2)'],
    match: ({ facts, host }) => {
      const most = softLimit(host, 'Max open files');
      // fcntl(2): a descriptor of at least 64 is beyond the limit.
      const beyond = isAction(facts, 'fcntl') && hasErrno(facts, 'EINVAL') && most !== undefined && most <= 64;
      if (!beyond && !hasErrno(facts, 'EMFILE')) return undefined;
      return most === undefined
        ? {}
        : { why: `this process may have ${most} open files (ulimit -n), which is not enough` };
    },
  },
  {
    id: 'fd-limit-machine',
    title: 'The machine has too many open files',
    why: 'The limit of the whole machine, fs.file-max, is reached.',
    fix: ['sysctl -w fs.file-max=1000000', 'cat /proc/sys/fs/file-nr shows how many there are'],
    see: ['proc_sys_fs(5)'],
    match: ({ facts }) => (hasErrno(facts, 'ENFILE') ? {} : undefined),
  },
  {
    id: 'pids-limit',
    title: 'No further process may be started',
    why: 'The limit of processes is reached: pids.max of a cgroup that tsbox is in, RLIMIT_NPROC of the user, or pid_max of the machine.',
    fix: [
      'end some processes',
      'raise the limit: ulimit -u, TasksMax= of the systemd unit, or --pids-limit of the container around it',
    ],
    see: ['getrlimit(2)', 'cgroups(7)'],
    match: (failure) =>
      isAction(failure.facts, ...PROCESSES) && hasErrno(failure.facts, 'EAGAIN')
        ? tooManyProcesses(failure)
        : undefined,
  },
  {
    id: 'exec-pids-limit',
    title: 'The container has as many processes as it may',
    why: 'Its --pids-limit is reached; exec takes two processes for a moment.',
    fix: ['raise it: tsbox update --pids-limit=N CONTAINER'],
    see: ['cgroups(7)'],
  },
  {
    id: 'memory-limit-too-small',
    title: 'The memory limit is too small for the set-up itself',
    why: 'The kernel killed the first process of the container, out of memory, before the command ran.',
    fix: ['raise --memory: 6m is about the least'],
    see: ['cgroups(7)'],
  },
  {
    id: 'no-memory',
    title: 'No memory is left',
    why: 'The kernel has no memory for it: the machine, or the cgroup that tsbox runs in, is full.',
    fix: ['free -m shows what is left', 'end something, or raise the limit of the cgroup around tsbox'],
    see: ['free(1)'],
    match: ({ facts }) => (hasErrno(facts, 'ENOMEM') ? {} : undefined),
  },
  {
    id: 'key-quota',
    title: 'The user has too many keyrings',
    why: 'Each container has a session keyring of its own, and a user may have only kernel.keys.maxkeys keys.',
    fix: ['sysctl -w kernel.keys.maxkeys=2000', 'cat /proc/key-users shows how many there are'],
    see: ['keyrings(7)'],
    match: ({ facts }) => (isAction(facts, 'keyctl') && hasErrno(facts, 'EDQUOT') ? {} : undefined),
  },
  {
    id: 'memfd-noexec',
    title: 'vm.memfd_noexec forbids to run the launcher',
    why: 'With vm.memfd_noexec=2 no file in memory (memfd) can be executed in this pid namespace, and the launcher of tsbox is one: sealed, so that no container can change it.',
    fix: ['sysctl -w vm.memfd_noexec=1', 'in a container: it is set for its pid namespace by whoever started it'],
    see: ['memfd_create(2)', 'proc_sys_vm(5)'],
    match: ({ facts, host }) =>
      isAction(facts, 'memfd_create') && hasErrno(facts, 'EACCES') && host.read('/proc/sys/vm/memfd_noexec') === '2'
        ? {}
        : undefined,
  },
  {
    id: 'rlimit-refused',
    title: 'A limit cannot be raised',
    why: 'Only a process with CAP_SYS_RESOURCE raises a hard limit, and tsbox has not got it here.',
    fix: ['ask for no more than the hard limit: ulimit -H -a', 'or run tsbox with CAP_SYS_RESOURCE'],
    see: ['getrlimit(2)', 'capabilities(7)'],
    match: ({ facts }) => (isAction(facts, 'prlimit64', 'setrlimit') && hasErrno(facts, 'EPERM') ? {} : undefined),
  },
];

/** Which of the limits it is, by looking at each. */
function tooManyProcesses({ host, launch }: Failure): Finding {
  const pids = ownCgroupFile(host, 'pids', 'pids.max');
  const most = pids && readNumber(host, pids.path);
  const now = pids && readNumber(host, pids.path.replace(/max$/, 'current'));
  if (pids && most !== undefined && now !== undefined && now + 2 > most)
    return {
      why: `${pids.path} allows ${most} processes, and there are ${now}`,
      fix: [`echo ${most + 100} > ${pids.path}`, 'in systemd: TasksMax= of the unit'],
    };
  const own = softLimit(host, 'Max processes');
  const uid = process.geteuid?.();
  if (own !== undefined && uid !== 0)
    return { why: `the user ${uid} may have ${own} processes (ulimit -u)`, fix: ['end some, or raise it: ulimit -u'] };
  return launch ? {} : {};
}
