import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { errnoNumber } from '../../../core/kernel/errno.js';
import type { Arch } from '../../../core/kernel/syscalls.js';
import { Memory } from '../../../core/program/memory.js';
import { Program } from '../../../core/program/program.js';
import type { Recorder } from '../../../core/program/recorder.js';
import { launch, runProgram } from '../../support/launcher.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const directory = tempDirectory();
const NATIVE = process.arch as Arch;
const FOREIGN: Arch = NATIVE === 'x64' ? 'arm64' : 'x64';
const NOWHERE = 999; // a descriptor that is not open

function run(arch: Arch, record: (ops: Recorder) => void) {
  const program = new Program();
  record(program.recorder('exec', { plugin: 'test', hook: 'childSetup' }));
  return runProgram(program, arch, directory);
}
const say = (ops: Recorder, text: string) => ops.call('write', [1, text, text.length]);

for (const [arch, requirements] of [
  [NATIVE, []],
  [FOREIGN, ['qemu']],
] as const) {
  const { describe, it } = skipUnless(...requirements);

  describe(`the launcher for ${arch}`, () => {
    it('makes the calls in order and ends with status 0', () => {
      const result = run(arch, (ops) => {
        say(ops, 'one ');
        say(ops, 'two');
      });
      expect(result).toEqual({ status: 0, stdout: 'one two', current: 1, failed: -1, errno: 0, outcomes: [4, 3] });
    });

    it('stops at the first failure and leaves index and errno', () => {
      const result = run(arch, (ops) => {
        say(ops, 'before');
        ops.call('close', [NOWHERE]);
        say(ops, 'after');
      });
      const EBADF = errnoNumber('EBADF');
      expect(result).toEqual({
        status: 125,
        stdout: 'before',
        current: 1,
        failed: 1,
        errno: EBADF,
        outcomes: [6, -EBADF, 0],
      });
    });

    it('goes on at the label after an errno that the op tolerates', () => {
      const { status, stdout } = run(arch, (ops) => {
        const end = ops.label();
        ops.call('close', [NOWHERE], { tolerate: { errnos: ['EINTR', 'EBADF'], goto: end } });
        say(ops, 'left out');
        ops.place(end);
        say(ops, 'went on');
      });
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'went on' });
    });

    it('does not tolerate another errno', () => {
      const { failed, errno } = run(arch, (ops) => ops.call('close', [NOWHERE], { tolerate: ['EINTR'] }));
      expect({ failed, errno }).toEqual({ failed: 0, errno: errnoNumber('EBADF') });
    });

    it('jumps after success where the op says so', () => {
      const { stdout } = run(arch, (ops) => {
        const end = ops.label();
        ops.call('getpid', [], { goto: end });
        say(ops, 'left out');
        ops.place(end);
        say(ops, 'went on');
      });
      expect(stdout).toBe('went on');
    });

    it('passes a result from one call to the next through a slot', () => {
      const buffer = new Memory(16);
      const { stdout } = run(arch, (ops) => {
        const file = ops.callTo('file', 'memfd_create', ['test', 0]);
        ops.call('pwrite64', [file, 'through a slot', 14, 0]);
        const count = ops.callTo('count', 'read', [file, buffer, 16]);
        ops.call('write', [1, buffer, count]);
      });
      expect(stdout).toBe('through a slot');
    });

    it('stores 32 bits where asked and leaves what lies behind them', () => {
      const words = new Memory(8).u64(0, 0xffff_ffff_ffff_ffffn);
      const { stdout } = run(arch, (ops) => {
        ops.call('umask', [0o27]);
        ops.call('umask', [0o22], { result: words.at(0), width: 4 });
        ops.call('write', [1, words, 8]);
      });
      expect(Buffer.from(stdout, 'latin1').toString('hex')).toBe('17000000ffffffff');
    });

    it('copies memory inside the program', () => {
      const word = Memory.of(Buffer.from('....'));
      const { stdout } = run(arch, (ops) => {
        ops.copy(word.at(1), 'ab', 2);
        ops.call('write', [1, word, 4]);
      });
      expect(stdout).toBe('.ab.');
    });

    it.each([
      ['goes on where the masked bits are as expected', 0x30n, 0],
      ['fails with the errno that it was given where they are not', 0x10n, 95],
    ])('an expectation %s', (_, expected, errno) => {
      const result = run(arch, (ops) => {
        ops.call('umask', [0o467]); // 0b1_0011_0111
        const mode = ops.callTo('mode', 'umask', [0]);
        ops.expect(mode, 0xf0n, expected, 95);
      });
      expect(result.errno).toBe(errno);
    });

    it('becomes the first candidate that can be executed', () => {
      const { status, stdout } = run(arch, (ops) => {
        const argv = Memory.vector(['sh', '-c', 'echo "$0 $VALUE"; exit 7']);
        const env = Memory.vector(['VALUE=x']);
        for (const path of ['/nowhere/sh', '/bin/sh']) ops.call('execve', [path, argv, env], { tolerate: ['ENOENT'] });
      });
      expect({ status, stdout }).toEqual({ status: 7, stdout: 'sh x\n' });
    });

    it('ends at its barrier when nobody is there', () => {
      const result = run(arch, (ops) => {
        ops.barrier(NOWHERE);
        say(ops, 'not reached');
      });
      expect(result).toMatchObject({ status: 125, stdout: '', failed: 0, errno: errnoNumber('EPIPE') });
    });

    it('does nothing with a file that is not a program', () => {
      const file = join(directory, 'not-a-program');
      writeFileSync(file, Buffer.alloc(4096));
      expect(launch(file, arch, directory)).toEqual({ status: 124, stdout: '' });
    });
  });
}
