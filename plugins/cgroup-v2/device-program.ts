import type { DeviceRule } from '../../core/plugin/index.js';

/**
 * cgroup v2 asks a BPF program (BPF_PROG_TYPE_CGROUP_DEVICE, Linux 4.15) about every open and mknod of a
 * device. Its argument is `struct bpf_cgroup_dev_ctx`: 32-bit access_type, major, minor; access_type has
 * the device type in its low half and the access in its high half. It answers 1 (allowed) or 0.
 */
const CONTEXT = { accessType: 0, major: 4, minor: 8 } as const;
const TYPES = { b: 1, c: 2 } as const;
const ACCESS = { m: 1, r: 2, w: 4 } as const;
const ALL_ACCESS = 7;

/** Instruction set: Documentation/bpf/standardization/instruction-set.rst. */
const LDX_W = 0x61;
const MOV64_K = 0xb7;
const MOV64_X = 0xbf;
const AND64_K = 0x57;
const RSH64_K = 0x77;
const JNE_K = 0x55;
const EXIT = 0x95;
const INSTRUCTION_SIZE = 8;

const RESULT = 0;
const ARGUMENT = 1;
const TYPE = 2;
const REQUESTED = 3;
const MAJOR = 4;
const MINOR = 5;

interface Instruction {
  readonly code: number;
  readonly to?: number;
  readonly from?: number;
  /** Of a jump: instructions to skip. Of a load: bytes. */
  readonly offset?: number;
  readonly immediate?: number;
}

/** The bytecode of an allow list. A request is allowed if one rule covers all of it, as in v1. */
export function deviceProgram(rules: readonly DeviceRule[]): Buffer {
  const start: Instruction[] = [
    { code: LDX_W, to: TYPE, from: ARGUMENT, offset: CONTEXT.accessType },
    { code: MOV64_X, to: REQUESTED, from: TYPE },
    { code: AND64_K, to: TYPE, immediate: 0xffff },
    { code: RSH64_K, to: REQUESTED, immediate: 16 },
    { code: LDX_W, to: MAJOR, from: ARGUMENT, offset: CONTEXT.major },
    { code: LDX_W, to: MINOR, from: ARGUMENT, offset: CONTEXT.minor },
  ];
  return assemble([...start, ...rules.flatMap(ruleInstructions), ...answer(0)]);
}

/** Compares, jumping to the next rule at the first difference; at the end the answer is yes. */
function ruleInstructions({ type, major, minor, access }: DeviceRule): Instruction[] {
  const tests: Instruction[] = [{ code: JNE_K, to: TYPE, immediate: TYPES[type] }];
  if (major !== undefined) tests.push({ code: JNE_K, to: MAJOR, immediate: major });
  if (minor !== undefined) tests.push({ code: JNE_K, to: MINOR, immediate: minor });
  const allowed = [...access].reduce((mask, letter) => mask | ACCESS[letter as keyof typeof ACCESS], 0);
  if (allowed !== ALL_ACCESS) {
    // What remains of the request without the allowed bits must be nothing.
    tests.push({ code: MOV64_X, to: RESULT, from: REQUESTED });
    tests.push({ code: AND64_K, to: RESULT, immediate: ALL_ACCESS & ~allowed });
    tests.push({ code: JNE_K, to: RESULT, immediate: 0 });
  }
  const yes = answer(1);
  const length = tests.length + yes.length;
  return [...tests.map((test, at) => (test.code === JNE_K ? { ...test, offset: length - at - 1 } : test)), ...yes];
}

function answer(value: 0 | 1): Instruction[] {
  return [{ code: MOV64_K, to: RESULT, immediate: value }, { code: EXIT }];
}

function assemble(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * INSTRUCTION_SIZE);
  for (const [index, { code, to = 0, from = 0, offset = 0, immediate = 0 }] of instructions.entries()) {
    const at = index * INSTRUCTION_SIZE;
    bytes.writeUInt8(code, at);
    bytes.writeUInt8((from << 4) | to, at + 1);
    bytes.writeInt16LE(offset, at + 2);
    bytes.writeInt32LE(immediate, at + 4);
  }
  return bytes;
}
