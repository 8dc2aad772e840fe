import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSealedExecutable } from '../../core/kernel/memfd.js';
import { CLONE_ARGS, CLONE_PARENT_SETTID } from '../../core/kernel/sched.js';
import { pipe } from '../../core/kernel/socket.js';
import { listenUnix } from '../../core/kernel/unix-socket.js';
import { encode } from '../../core/program/encode.js';
import * as images from '../../core/program/launcher/images.js';
import { SpawnedLauncher } from '../../core/program/launchers.js';
import { CHILD_ADDRESS, CONTROL_FD, FIRST_EXTRA_FD, PROGRAM_FD } from '../../core/program/layout.js';
import { Memory } from '../../core/program/memory.js';
import type { MonitorConfig } from '../../core/program/monitor.js';
import { Program } from '../../core/program/program.js';
import type { Recorder } from '../../core/program/recorder.js';
import { ProgramSession } from '../../core/program/session.js';
import { createRunState, type RunState, readRunState } from '../../core/state/run-state.js';
import { gate } from './recording.js';
import { until } from './until.js';

const SIGCHLD = 17;
const SIGKILL = 9;
const PR_SET_PDEATHSIG = 1;
const CLOSE_RANGE_CLOEXEC = 4;

export interface MonitoredOptions {
  /** Where state, log and sockets are. */
  readonly directory: string;
  readonly command: readonly string[];
  readonly log?: { readonly maxSize: number; readonly maxFiles: number; readonly directory?: string };
  /** Keep stdin open and listen for input. */
  readonly input?: boolean;
  /** Instead of pipes: recorded before the exec, must send the master over {@link TTY_SOCKET_FD}. */
  readonly terminal?: { readonly socket: readonly [number, number]; record(child: Recorder): void };
  readonly timeoutMs?: number;
  /** Paths. */
  readonly memoryEvents?: string;
  readonly event?: { readonly file: string; readonly before: string; readonly between: string; readonly after: string };
  readonly after?: Omit<NonNullable<MonitorConfig['after']>, 'stderr'>;
  /** Called when the state has been made: somebody takes care of the end then. */
  readonly prepare?: (directory: string) => void;
  /** What comes after the end waits for {@link Monitored.ready}. */
  readonly ready?: boolean;
}

export interface Monitored {
  readonly pid: number;
  readonly monitor: number;
  state(): RunState;
  ready(): void;
  /** Resolves when the monitor has left. */
  gone(): Promise<RunState>;
}

/** Runs a command under a monitor, without namespaces. */
export async function startMonitored(options: MonitoredOptions): Promise<Monitored> {
  const { directory } = options;
  mkdirSync(join(directory, 'log'), { recursive: true });
  const launcher = createSealedExecutable(gate, 'tsbox-launcher', Buffer.from(images[gate.arch], 'base64'));
  const parts = openParts(options);
  options.prepare?.(directory);
  try {
    const program = encode(record(options, parts.config), gate.arch);
    const session = new ProgramSession({
      gate,
      launchers: new SpawnedLauncher(gate, launcher),
      program,
      stdio: parts.stdio,
      extra: parts.extra,
    });
    for (const fd of parts.open.splice(0)) closeSync(fd);
    if (!(await session.atBarrier())) throw new Error(`ended before its barrier: ${JSON.stringify(session.state())}`);
    session.go();
    await session.executed();
    const { child, watcher, failed } = session.state();
    session.close();
    if (failed) throw new Error(`${failed.name} failed`);
    return {
      pid: child,
      monitor: watcher,
      state: () => readRunState(directory) as RunState,
      ready: () => closeSync(parts.ready as number),
      gone: async () => {
        await until(() => hasEnded(watcher), 20_000);
        return readRunState(directory) as RunState;
      },
    };
  } finally {
    for (const fd of [launcher, ...parts.open]) closeSync(fd);
  }
}

/** Gone, or a zombie that nobody has reaped yet. */
export function hasEnded(pid: number): boolean {
  try {
    return /^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

function record({ command, terminal }: MonitoredOptions, monitor: MonitorConfig): Program {
  const program = new Program();
  program.monitor = monitor;
  const author = { plugin: 'test', hook: 'childSetup' };
  const launcher = program.recorder('launcher', author);
  const forks = new Memory(CLONE_ARGS.size).u64(CLONE_ARGS.exitSignal, BigInt(SIGCHLD));
  launcher.special('clone', 'clone3', [forks, CLONE_ARGS.size, 1]);
  launcher.call('setsid', []);
  launcher.call('chdir', ['/']);
  const clones = new Memory(CLONE_ARGS.size)
    .u64(CLONE_ARGS.exitSignal, BigInt(SIGCHLD))
    .u64(CLONE_ARGS.flags, CLONE_PARENT_SETTID)
    .u64(CLONE_ARGS.parentTid, CHILD_ADDRESS);
  launcher.special('clone', 'clone3', [clones, CLONE_ARGS.size]);
  const child = program.recorder('exec', author);
  child.call('prctl', [PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0]);
  child.barrier(CONTROL_FD);
  child.call('setsid', []);
  terminal?.record(child);
  child.call('close_range', [CONTROL_FD + 1, 0xffff_ffff, 0]);
  child.call('close', [PROGRAM_FD]);
  child.call('close_range', [CONTROL_FD, CONTROL_FD, CLOSE_RANGE_CLOEXEC]);
  const environment = Memory.vector(['PATH=/bin:/usr/bin']);
  child.call('execve', [command[0] as string, Memory.vector(command), environment]);
  return program;
}

interface Parts {
  readonly config: MonitorConfig;
  readonly stdio: readonly [number, number, number];
  readonly extra: readonly number[];
  /** To be closed when the launcher has them. */
  readonly open: number[];
  /** The write end of `ready`. */
  readonly ready: number | undefined;
}

function openParts(options: MonitoredOptions): Parts {
  const { directory, log, terminal, event, after } = options;
  const extra: number[] = terminal ? [terminal.socket[1]] : [];
  const open: number[] = [...extra];
  const give = (fd: number) => {
    open.push(fd);
    return FIRST_EXTRA_FD + extra.push(fd) - 1;
  };
  const nothing = openSync('/dev/null', 'r+');
  const [input, out, err] = [pipe(gate), pipe(gate), pipe(gate)];
  open.push(nothing, input[0], out[1], err[1]);
  const piped = !terminal;
  if (!options.input || terminal) open.push(input[1]);
  if (terminal) open.push(out[0], err[0]);
  const ready = options.ready ? pipe(gate) : undefined;
  const config: MonitorConfig = {
    state: give(createRunState(directory)),
    alive: give(listenUnix(gate, join(directory, 'alive'))),
    ...(terminal && { terminal: give(terminal.socket[0]) }),
    ...(piped && { stdout: give(out[0]), stderr: give(err[0]) }),
    ...(piped && options.input && { stdin: give(input[1]) }),
    ...(options.input && { input: give(listenUnix(gate, join(directory, 'input'))) }),
    ...(log && { log: { ...log, directory: give(openSync(log.directory ?? join(directory, 'log'), 'r')) } }),
    ...(options.memoryEvents && { memoryEvents: give(openSync(options.memoryEvents, 'r')) }),
    ...(ready && { ready: give(ready[0]) }),
    ...(event && { event: { ...event, file: give(openSync(event.file, 'a')) } }),
    ...(after && { after: { ...after, stderr: give(openSync(join(directory, 'monitor.log'), 'a')) } }),
    ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
  };
  const stdio = piped
    ? ([options.input ? input[0] : nothing, out[1], err[1]] as const)
    : ([nothing, nothing, nothing] as const);
  return { config, stdio, extra, open, ready: ready?.[1] };
}
