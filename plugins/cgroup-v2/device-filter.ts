import {
  AT_FDCWD,
  type ChildProgram,
  type DeviceRule,
  Memory,
  O_CLOEXEC,
  O_RDONLY,
  oDirectory,
} from '../../core/plugin/index.js';
import { deviceProgram } from './device-program.js';

/** bpf(2): commands, types, and the offsets of `union bpf_attr` that they use. */
const BPF_PROG_LOAD = 5;
const BPF_PROG_ATTACH = 8;
const BPF_PROG_TYPE_CGROUP_DEVICE = 15;
const BPF_CGROUP_DEVICE = 6;
const BPF_F_ALLOW_MULTI = 2;
const LOAD = { type: 0, count: 4, instructions: 8, license: 16, size: 72 } as const;
const ATTACH = { target: 0, program: 4, type: 8, flags: 12, size: 16 } as const;
const INSTRUCTION_SIZE = 8;

const HINT = [
  'cgroup v2 limits devices through BPF: the kernel needs CONFIG_CGROUP_BPF and CONFIG_BPF_SYSCALL, and tsbox CAP_BPF or CAP_SYS_ADMIN;',
  '--privileged allows all devices',
].join(' ');

/**
 * Records, for stage one, that a device program is loaded and attached to the container's cgroup, before
 * anything is in there. The kernel keeps it as long as the cgroup is there; the descriptors go with stage one.
 */
export function recordDeviceFilter(child: ChildProgram, directory: string, rules: readonly DeviceRule[]): void {
  const instructions = deviceProgram(rules);
  const load = new Memory(LOAD.size, 'bpf_attr');
  load.u32(LOAD.type, BPF_PROG_TYPE_CGROUP_DEVICE).u32(LOAD.count, instructions.length / INSTRUCTION_SIZE);
  load.pointer(LOAD.instructions, instructions).pointer(LOAD.license, 'MIT');
  const attach = new Memory(ATTACH.size, 'bpf_attr');
  attach.u32(ATTACH.type, BPF_CGROUP_DEVICE).u32(ATTACH.flags, BPF_F_ALLOW_MULTI);
  const { launcher, arch } = child;
  const flags = O_RDONLY | O_CLOEXEC | oDirectory(arch);
  launcher.call('openat', [AT_FDCWD, directory, flags, 0], { result: attach.at(ATTACH.target), width: 4 });
  launcher.call('bpf', [BPF_PROG_LOAD, load, LOAD.size], {
    result: attach.at(ATTACH.program),
    width: 4,
    note: `allow ${rules.length} device rules, refuse all else`,
    hint: HINT,
  });
  launcher.call('bpf', [BPF_PROG_ATTACH, attach, ATTACH.size], { note: 'limit devices', hint: HINT });
}
