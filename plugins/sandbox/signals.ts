import { Memory, type Recorder } from '../../core/plugin/index.js';

const KERNEL_SIGACTION_SIZE = 32;
const SIGSET_SIZE = 8;
/** glibc keeps these two for itself, and its posix_spawn(3) leaves them ignored in what it starts. */
const GLIBC_SIGNALS = [32, 33];

/** All other signals are at their default since the launcher was started. */
export function resetSignals(recorder: Recorder): void {
  const byDefault = new Memory(KERNEL_SIGACTION_SIZE, 'SIG_DFL');
  for (const signal of GLIBC_SIGNALS) recorder.call('rt_sigaction', [signal, byDefault, null, SIGSET_SIZE]);
}
