import { CLOSE_RANGE_CLOEXEC, CONTROL_FD, PROGRAM_FD, type Recorder } from '../../core/plugin/index.js';

const LAST_FD = 0xffff_ffff;

/**
 * Descriptors 0, 1 and 2, and nothing else. All others are closed here and not only by exec, because
 * exec itself looks up the command's path: /proc/self/fd/N of an image would lead through one of them
 * (CVE-2024-21626). The control socket alone waits for exec: its end of file tells the engine that the
 * command runs, and a socket is no way to anywhere.
 */
export function keepStandardDescriptors(recorder: Recorder): void {
  recorder.call('close_range', [CONTROL_FD + 1, LAST_FD, 0], { note: 'only stdio is left' });
  recorder.call('close', [PROGRAM_FD]);
  recorder.call('close_range', [CONTROL_FD, CONTROL_FD, CLOSE_RANGE_CLOEXEC], { note: 'closed by exec' });
}
