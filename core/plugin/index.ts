/** The public contract: everything that a plugin may use. Entry point `tsbox/plugin`. */

export {
  CAPABILITIES,
  type Capability,
  capabilityMask,
  capabilityNames,
  capabilityNumber,
  DEFAULT_CAPABILITIES,
} from '../kernel/capabilities.js';
export * from '../kernel/cgroup.js';
export * from '../kernel/cgroup-file.js';
export * from '../kernel/cgroup-freezer.js';
export { cgroupProcesses, killCgroups } from '../kernel/cgroup-kill.js';
export * from '../kernel/cgroup-tree.js';
export * from '../kernel/cpu-list.js';
export { type DirectoryEntry, DT_DIR, DT_UNKNOWN, readDirectory } from '../kernel/directory.js';
export { errnoName, errnoNumber } from '../kernel/errno.js';
export { hasCode, SyscallError } from '../kernel/error.js';
export * from '../kernel/fcntl.js';
export type { Gate, SyscallArg, WaitStatus } from '../kernel/gate.js';
export { type Host, kernelAtLeast } from '../kernel/host.js';
export * from '../kernel/mount.js';
export * from '../kernel/namespace-pin.js';
export * from '../kernel/netlink/index.js';
export * from '../kernel/prctl.js';
export * from '../kernel/rlimits.js';
export * from '../kernel/sched.js';
export { receiveDescriptor, socketPair } from '../kernel/socket.js';
export { type FileStatus, statusAt, statusOf } from '../kernel/statx.js';
export * from '../kernel/tree/index.js';
export * from '../kernel/tty.js';
export type { AheadItem } from '../program/ahead.js';
export type { AttachOptions, BindOptions, LinkPolicy } from '../program/child-program.js';
export { ChildProgram } from '../program/child-program.js';
export { FilesystemContext } from '../program/filesystem.js';
export { CONTROL_FD, PROGRAM_FD, TTY_SOCKET_FD } from '../program/layout.js';
export { Memory, type OpArg, Pointer, Slot, Variable } from '../program/memory.js';
export { MovedPaths } from '../program/moved-paths.js';
export { InterfaceSetup, openOwnNetwork, recordOwnLoopback } from '../program/network-interface.js';
export type { Label, OpOptions } from '../program/op.js';
export { Recorder } from '../program/recorder.js';
export type { Removal } from '../program/removal.js';
export { runInNetworkNamespace } from '../program/run-in-netns.js';
export { runInUserNamespace } from '../program/run-in-userns.js';
export * from './address-pool.js';
export * from './available-capabilities.js';
export * from './capability-set.js';
export * from './cgroup-outcome.js';
export * from './cgroup-running.js';
export * from './cgroup-sample.js';
export * from './cgroup-undo.js';
export * from './container-cgroups.js';
export * from './contents.js';
export * from './device-nodes.js';
export * from './device-rules.js';
export * from './drivers.js';
export * from './error.js';
export * from './hosts-names.js';
export * from './id-maps.js';
export * from './image.js';
export type * from './image-driver.js';
export * from './launch.js';
export * from './layers-key.js';
export * from './limit-update.js';
export * from './limit-write.js';
export * from './limits.js';
export type * from './log-driver.js';
export * from './masked-paths.js';
export * from './network-requests.js';
export * from './networks.js';
export * from './options.js';
export * from './overlay/index.js';
export * from './plugin.js';
export type * from './plugin-command.js';
export * from './resolv-conf.js';
export * from './rlimits-of.js';
export * from './running.js';
export * from './source.js';
export * from './spec.js';
export * from './support.js';
export * from './surroundings.js';
export * from './tokens.js';
