import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { pipe } from '../../../core/kernel/socket.js';
import type { Arch } from '../../../core/kernel/syscalls.js';
import { listenUnix } from '../../../core/kernel/unix-socket.js';
import { readLog } from '../../../core/log/index.js';
import { connectInput } from '../../../core/monitor/input.js';
import { encode } from '../../../core/program/encode.js';
import { Memory } from '../../../core/program/memory.js';
import type { MonitorConfig } from '../../../core/program/monitor.js';
import { Program } from '../../../core/program/program.js';
import { createRunState, readRunState, setTakenCareOf } from '../../../core/state/run-state.js';
import { EMULATORS, IMAGES } from '../../support/launcher.js';
import { gate } from '../../support/recording.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const NATIVE = process.arch as Arch;
const FOREIGN: Arch = NATIVE === 'x64' ? 'arm64' : 'x64';
const SIGCHLD = 17;
const FIRST = 5;

/** A shell under a monitor; the emulator lacks clone3(2), so the program uses clone(2). */
function start(arch: Arch, script: string, more: Partial<MonitorConfig> = {}) {
  const directory = tempDirectory();
  mkdirSync(join(directory, 'log'));
  const [stdin, stdout, stderr] = [pipe(gate), pipe(gate), pipe(gate)];
  const fds = [
    createRunState(directory),
    ...[stdout[0], stderr[0], stdin[1]],
    openSync(join(directory, 'log'), 'r'),
    listenUnix(gate, join(directory, 'input')),
    openSync(join(directory, 'events'), 'a'),
    openSync(join(directory, 'monitor.log'), 'a'),
  ];
  setTakenCareOf(directory, false);
  const [state, out, err, input, log, listener, events] = fds.map((_, index) => FIRST + index);
  const program = new Program();
  program.monitor = {
    ...{ state: state as number, stdout: out as number, stderr: err as number, stdin: input as number },
    ...{ input: listener as number, log: { directory: log as number, maxSize: 3000, maxFiles: 3 } },
    event: { file: events as number, before: 'exit ', between: ' at ', after: '\n' },
    ...more,
  };
  const recorder = program.recorder('exec', { plugin: 'test', hook: 'childSetup' });
  recorder.special('clone', 'clone', [SIGCHLD, 0, 0]);
  recorder.call('close_range', [3, 0xffff_ffff, 0]);
  recorder.call('execve', ['/bin/sh', Memory.vector(['sh', '-c', script]), Memory.vector(['PATH=/bin:/usr/bin'])]);
  const running = launch(program, arch, directory, [stdin[0], stdout[1], stderr[1]], fds);
  for (const fd of [...fds, stdin[0], stdout[1], stderr[1]]) closeSync(fd);
  return { directory, ended: once(running, 'exit').then(() => readRunState(directory)) };
}

function launch(program: Program, arch: Arch, directory: string, stdio: number[], fds: number[]) {
  const [file, launcher] = [join(directory, 'program'), join(directory, 'launcher')];
  writeFileSync(file, encode(program, arch).bytes);
  writeFileSync(launcher, Buffer.from(IMAGES[arch], 'base64'), { mode: 0o755 });
  const memory = openSync(file, 'r+');
  const [path, args] = arch === process.arch ? [launcher, []] : [EMULATORS[arch], [launcher]];
  const options: StdioOptions = [...stdio, memory, 'ignore', ...fds];
  const running = spawn(path, args, { stdio: options, env: {} });
  closeSync(memory);
  return running;
}

async function logged(directory: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { stream, text } of readLog(join(directory, 'log'))) found.push(`${stream}: ${text}`);
  return found;
}

for (const [arch, requirements] of [
  [NATIVE, []],
  [FOREIGN, ['qemu']],
] as const) {
  const { describe, it } = skipUnless(...requirements);

  describe(`the monitor for ${arch}`, () => {
    it('keeps the log, and records the end and its event', async () => {
      const before = Date.now();
      const { directory, ended } = start(arch, 'echo out; sleep 0.1; printf err >&2; exit 3');
      const state = await ended;
      expect(state).toMatchObject({ phase: 'ended', exitCode: 3, signal: null, timedOut: false, dropped: 0 });
      expect(state?.endedAt).toBeGreaterThanOrEqual(before);
      expect(await logged(directory)).toEqual(['stdout: out\n', 'stderr: err']);
      expect(readFileSync(join(directory, 'events'), 'utf8')).toMatch(/^exit 3 at \d{19}\n$/);
    });

    it('rotates, within its limits', async () => {
      const { directory, ended } = start(arch, 'i=0; while [ $i -lt 1000 ]; do echo $i; i=$((i+1)); done');
      await ended;
      const lines = await logged(directory);
      expect(lines.at(-1)).toBe('stdout: 999\n');
      expect(lines.length).toBeGreaterThan(100);
      for (const name of ['log', 'log.1', 'log.2']) {
        const size = readFileSync(join(directory, 'log', name)).length;
        expect(size).toBeGreaterThan(0);
        expect(size).toBeLessThanOrEqual(3000);
      }
    });

    it('passes input on and closes it', async () => {
      const { directory, ended } = start(arch, 'cat; exit 7');
      const input = await connectInput(join(directory, 'input'));
      await input.write(Buffer.alloc(10_000, 'x'));
      await input.closeStdin();
      expect(await ended).toMatchObject({ exitCode: 7 });
      expect((await logged(directory)).join('').replaceAll('stdout: ', '')).toBe('x'.repeat(10_000));
    });

    it('kills at the timeout', async () => {
      const { ended } = start(arch, 'exec sleep 100', { timeoutMs: 100 });
      expect(await ended).toMatchObject({ phase: 'ended', exitCode: null, signal: 9, timedOut: true });
    });

    it('becomes the program that comes afterwards', async () => {
      const { directory, ended } = start(arch, 'exit 1', {
        after: {
          argv: ['/bin/sh', '-c', 'echo "$0 $A" >&2', 'me'],
          env: ['A=b'],
          failureDelayMs: 50,
          steadyMs: 10_000,
          steadyDelayMs: 0,
          stderr: FIRST + 7,
        },
      });
      expect(await ended).toMatchObject({ phase: 'waiting', exitCode: 1 });
      expect(readFileSync(join(directory, 'monitor.log'), 'utf8')).toBe('me b\n');
    });
  });
}
