import { AT_FDCWD } from '../../core/kernel/mount.js';
import { socketPair } from '../../core/kernel/socket.js';
import { TIOCSCTTY } from '../../core/kernel/tty.js';
import { ChildProgram } from '../../core/program/child-program.js';
import type { Slot } from '../../core/program/memory.js';
import type { Recorder } from '../../core/program/recorder.js';
import { openTerminal } from '../../plugins/mounts/terminal.js';
import type { MonitoredOptions } from './monitored.js';
import { gate } from './recording.js';

/** A terminal of the host's devpts, opened and sent as the plugin `mounts` does it. */
export function terminalOf(size: { columns: number; rows: number }): NonNullable<MonitoredOptions['terminal']> {
  return {
    socket: socketPair(gate),
    record(child: Recorder) {
      const shared: { terminal?: Slot } = {};
      const pts = child.callTo('pts', 'openat', [AT_FDCWD, '/dev/pts', 0, 0]);
      const { send } = ChildProgram.prototype;
      openTerminal({ outside: child, shared, send } as unknown as ChildProgram, pts, size);
      const terminal = shared.terminal as Slot;
      child.call('ioctl', [terminal, TIOCSCTTY, 0]);
      for (const fd of [0, 1, 2]) child.call('dup3', [terminal, fd, 0]);
    },
  };
}
