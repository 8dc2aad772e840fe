/** Clone flags of clone(2) and clone3(2). BigInt: CLONE_INTO_CGROUP is above 32 bits. */
export const CLONE_NEWTIME = 0x80n;
export const CLONE_VFORK = 0x4000n;
export const CLONE_PARENT = 0x8000n;
export const CLONE_PARENT_SETTID = 0x10_0000n;
export const CLONE_NEWNS = 0x2_0000n;
export const CLONE_NEWCGROUP = 0x0200_0000n;
export const CLONE_NEWUTS = 0x0400_0000n;
export const CLONE_NEWIPC = 0x0800_0000n;
export const CLONE_NEWUSER = 0x1000_0000n;
export const CLONE_NEWPID = 0x2000_0000n;
export const CLONE_NEWNET = 0x4000_0000n;
export const CLONE_INTO_CGROUP = 0x2_0000_0000n;

/** Offsets in `struct clone_args`, and its size with the cgroup field (Linux 5.7). */
export const CLONE_ARGS = { flags: 0, parentTid: 24, exitSignal: 32, cgroup: 80, size: 88 } as const;
