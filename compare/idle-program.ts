import { chmodSync, writeFileSync } from 'node:fs';
import { type Arch, currentArch } from '../core/kernel/syscalls.js';

const BASE = 0x40_0000n;
const HEADERS = 64 + 56;
const MACHINES: Readonly<Record<Arch, number>> = { x64: 62, arm64: 183 };

/** `for (;;) pause();` */
const CODE: Readonly<Record<Arch, Buffer>> = {
  // mov eax, 34; syscall; jmp -9
  x64: Buffer.from('b8220000000f05ebf7', 'hex'),
  // ppoll(0, 0, 0, 0): arm64 has no pause. mov x0..x3, 0; mov x8, 73; svc 0; b -24
  arm64: words(0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800928, 0xd4000001, 0x17fffffa),
};

/**
 * Writes a program that waits to be killed: a static ELF of some 130 bytes, for images of which nothing is known,
 * not even whether they have a shell.
 */
export function writeIdleProgram(file: string, arch: Arch = currentArch()): void {
  const code = CODE[arch];
  writeFileSync(file, Buffer.concat([elfHeader(arch), programHeader(HEADERS + code.length), code]));
  chmodSync(file, 0o755);
}

/** `Elf64_Ehdr` of elf.h. */
function elfHeader(arch: Arch): Buffer {
  const header = Buffer.alloc(64);
  Buffer.from('7f454c46020101', 'hex').copy(header);
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(MACHINES[arch], 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BASE + BigInt(HEADERS), 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  return header;
}

/** `Elf64_Phdr`: the file as it is, readable and executable. */
function programHeader(size: number): Buffer {
  const header = Buffer.alloc(56);
  header.writeUInt32LE(1, 0); // PT_LOAD
  header.writeUInt32LE(5, 4);
  header.writeBigUInt64LE(BASE, 16);
  header.writeBigUInt64LE(BASE, 24);
  header.writeBigUInt64LE(BigInt(size), 32);
  header.writeBigUInt64LE(BigInt(size), 40);
  header.writeBigUInt64LE(0x1_0000n, 48); // arm64 has pages of up to 64 KiB
  return header;
}

function words(...instructions: readonly number[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 4);
  for (const [index, word] of instructions.entries()) bytes.writeUInt32LE(word, index * 4);
  return bytes;
}
