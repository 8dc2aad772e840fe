import { describe, expect, it } from 'vitest';
import { encode } from '../../../core/program/encode.js';
import { BASE, FLAG_LAST, FLAG_STORE32, HEADER, KINDS, MAGIC, OP } from '../../../core/program/layout.js';
import { Memory, Slot } from '../../../core/program/memory.js';
import { Program } from '../../../core/program/program.js';

const author = { plugin: 'test', hook: 'childSetup' };

function recorded(record: (program: Program) => void) {
  const program = new Program();
  record(program);
  return program;
}

/** Reads an op of an encoded program back. */
function op(bytes: Buffer, index: number) {
  const at = HEADER.size + index * OP.size;
  return {
    kind: bytes.readUInt16LE(at + OP.kind),
    flags: bytes.readUInt16LE(at + OP.flags),
    number: bytes.readInt32LE(at + OP.number),
    args: Array.from({ length: 6 }, (_, i) => bytes.readBigUInt64LE(at + OP.args + i * 8)),
    result: bytes.readBigUInt64LE(at + OP.result),
    tolerated: Array.from({ length: 4 }, (_, i) => bytes.readUInt16LE(at + OP.tolerated + i * 2)),
    skipOnError: bytes.readUInt16LE(at + OP.skipOnError),
    skipOnSuccess: bytes.readUInt16LE(at + OP.skipOnSuccess),
  };
}

/** The NUL-terminated text at an address of the program. */
function textAt(bytes: Buffer, address: bigint): string {
  const start = Number(address - BASE);
  return bytes.toString('utf8', start, bytes.indexOf(0, start));
}

describe('encoding a program', () => {
  it('starts with the header and fills whole pages', () => {
    const { bytes } = encode(
      recorded((p) => p.recorder('inside', author).call('setsid', [])),
      'x64',
    );
    expect(bytes.readBigUInt64LE(HEADER.magic)).toBe(MAGIC);
    expect(bytes.readUInt32LE(HEADER.count)).toBe(1);
    expect(bytes.readInt32LE(HEADER.failed)).toBe(-1);
    expect(bytes.length % 4096).toBe(0);
  });

  it('puts the blocks in their order, whatever the order of recording', () => {
    const program = recorded((p) => {
      p.recorder('exec', author).call('execve', ['/bin/true', null, null]);
      p.recorder('launcher', author).call('close_range', [5, 6, 0]);
      p.recorder('outside', author).call('setsid', []);
    });
    expect(encode(program, 'x64').ops.map(({ name }) => name)).toEqual(['close_range', 'setsid', 'execve']);
  });

  it('uses the numbers of the architecture', () => {
    const program = recorded((p) => p.recorder('inside', author).call('pivot_root', ['.', '.']));
    expect(op(encode(program, 'x64').bytes, 0).number).toBe(155);
    expect(op(encode(program, 'arm64').bytes, 0).number).toBe(41);
  });

  it('gives strings an address, and equal strings the same one', () => {
    const { bytes } = encode(
      recorded((p) => p.recorder('inside', author).call('pivot_root', ['/a b', '/a b'])),
      'x64',
    );
    const { args } = op(bytes, 0);
    expect(args[0]).toBe(args[1]);
    expect(textAt(bytes, args[0] as bigint)).toBe('/a b');
  });

  it('reads a slot from memory, at the address where its result was stored', () => {
    const program = recorded((p) => {
      const recorder = p.recorder('inside', author);
      const fd = recorder.callTo('fd', 'openat', [-100, '/', 0, 0]);
      recorder.call('close', [fd]);
    });
    const { bytes } = encode(program, 'x64');
    expect(op(bytes, 0).args[0]).toBe(BigInt.asUintN(64, -100n));
    expect(op(bytes, 1)).toMatchObject({ flags: 1 | FLAG_LAST, args: [op(bytes, 0).result, 0n, 0n, 0n, 0n, 0n] });
  });

  it('keeps masks above 32 bits whole', () => {
    const program = recorded((p) => p.recorder('inside', author).call('prctl', [1n << 38n]));
    expect(op(encode(program, 'x64').bytes, 0).args[0]).toBe(0x4000000000n);
  });

  it('writes pointers into structures', () => {
    const vector = Memory.vector(['one', 'two']);
    const { bytes } = encode(
      recorded((p) => p.recorder('exec', author).call('execve', ['/x', vector, null])),
      'x64',
    );
    const at = Number((op(bytes, 0).args[1] as bigint) - BASE);
    expect(textAt(bytes, bytes.readBigUInt64LE(at))).toBe('one');
    expect(textAt(bytes, bytes.readBigUInt64LE(at + 8))).toBe('two');
    expect(bytes.readBigUInt64LE(at + 16)).toBe(0n);
  });

  it('encodes tolerated errnos and jumps', () => {
    const program = recorded((p) => {
      const recorder = p.recorder('inside', author);
      const end = recorder.label();
      recorder.call('close', [9], { tolerate: { errnos: ['ENOENT', 'EBADF'], goto: end }, goto: end });
      recorder.call('setsid', []);
      recorder.place(end);
    });
    expect(op(encode(program, 'x64').bytes, 0)).toMatchObject({
      tolerated: [2, 9, 0, 0],
      skipOnError: 1,
      skipOnSuccess: 1,
    });
  });

  it('stores 32 bits where a structure has an int', () => {
    const memory = new Memory(8);
    const program = recorded((p) =>
      p.recorder('inside', author).call('getpid', [], { result: memory.at(4), width: 4 }),
    );
    expect(op(encode(program, 'x64').bytes, 0).flags & FLAG_STORE32).toBe(FLAG_STORE32);
  });

  it('has a kind for everything that can be recorded', () => {
    const program = recorded((p) => {
      const recorder = p.recorder('inside', author);
      recorder.barrier(4);
      recorder.expect(new Slot('x'), 1n, 1n, 5);
      recorder.copy(new Memory(1), new Memory(1), 1);
      recorder.special('init', 'init', []);
      recorder.special('fail', 'fail', [2]);
    });
    const { bytes } = encode(program, 'x64');
    expect([0, 1, 2, 3, 4].map((index) => op(bytes, index).kind)).toEqual([
      KINDS.barrier,
      KINDS.expect,
      KINDS.copy,
      KINDS.init,
      KINDS.fail,
    ]);
  });

  it('refuses a jump to a label that was never placed, or lies before it', () => {
    const never = recorded((p) => {
      const recorder = p.recorder('inside', author);
      recorder.call('close', [9], { goto: recorder.label() });
    });
    expect(() => encode(never, 'x64')).toThrow('test: close jumps to a label that was not placed after it');
    const before = recorded((p) => {
      const recorder = p.recorder('inside', author);
      const label = recorder.label();
      recorder.place(label);
      recorder.call('close', [9], { goto: label });
    });
    expect(() => encode(before, 'x64')).toThrow(RangeError);
  });

  it('refuses a NUL byte in a string', () => {
    const program = recorded((p) => p.recorder('inside', author).call('pivot_root', ['/a\0b', '.']));
    expect(() => encode(program, 'x64')).toThrow('NUL byte');
  });

  it('tolerates at most four errnos', () => {
    const recorder = new Program().recorder('inside', author);
    const tolerate = ['ENOENT', 'EBADF', 'EPERM', 'EACCES', 'EIO'];
    expect(() => recorder.call('close', [9], { tolerate })).toThrow('at most 4');
  });
});
