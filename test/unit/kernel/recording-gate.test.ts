import { describe, expect, it } from 'vitest';
import { LibcGate } from '../../../core/kernel/libc-gate.js';
import { createMemfd } from '../../../core/kernel/memfd.js';
import { RecordingGate } from '../../../core/kernel/recording-gate.js';
import { pipe } from '../../../core/kernel/socket.js';

describe('the recording gate', () => {
  it('records calls and answers as it was told', () => {
    const gate = new RecordingGate({ openat: 7 });
    expect(gate.call('openat', -100, '/etc', 0, 0)).toBe(7);
    expect(gate.calls).toEqual([{ name: 'openat', args: [-100, '/etc', 0, 0] }]);
  });

  it('fails as the real one does', () => {
    const failure = (gate: RecordingGate | LibcGate) => {
      try {
        return gate.call('openat', -100, '/no/such/file', 0, 0);
      } catch (error) {
        const { name, code, errno, syscall, path } = error as Record<string, unknown>;
        return { name, code, errno, syscall, path };
      }
    };
    expect(failure(new RecordingGate({ openat: 'ENOENT' }))).toEqual(failure(new LibcGate()));
  });

  it('lets a test fill the buffers that the kernel would fill', () => {
    const gate = new RecordingGate({
      pipe2: (fds) => {
        new Int32Array((fds as Uint8Array).buffer).set([8, 9]);
        return 0;
      },
    });
    expect(pipe(gate)).toEqual([8, 9]);
  });

  it('shows what is done on an old kernel: no MFD_EXEC before Linux 6.3', () => {
    const MFD_EXEC_OR_NOEXEC = 8 | 16;
    const gate = new RecordingGate({
      memfd_create: (_, flags) => (Number(flags) & MFD_EXEC_OR_NOEXEC ? 'EINVAL' : 'ENFILE'),
    });
    expect(() => createMemfd(gate, 'x', Buffer.alloc(1))).toThrow('ENFILE');
    expect(gate.calls.map(({ args }) => Number(args[1]) & MFD_EXEC_OR_NOEXEC)).toEqual([8, 0]);
  });
});
