/** A stage one that was started. */
export interface StageOne {
  /** Known at the latest when its control socket has ended or it stands at its barrier. @throws SyscallError */
  pid(): number;
}

/** Starts launchers with descriptors 0 and up, which stay the caller's. */
export interface LauncherSource {
  start(fds: readonly number[]): StageOne;
}
