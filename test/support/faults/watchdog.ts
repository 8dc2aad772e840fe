import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** Longer than any launch here takes, however slow the machine. */
const PATIENCE_MS = 20_000;
const LONGEST = 1_000;

const SOURCE = `
const { workerData } = require('node:worker_threads');
const [beat] = [new Int32Array(workerData.shared, 0, 2)];
const text = Buffer.from(workerData.shared, 8);
for (let last = -1; ; last = Atomics.load(beat, 0)) {
  if (Atomics.wait(beat, 0, last, workerData.patience) !== 'timed-out') continue;
  if (Atomics.load(beat, 0) !== last || Atomics.load(beat, 1) === 0) continue;
  require('node:fs').writeSync(2, '\\nhangs, and blocks the thread: ' + text.subarray(0, Atomics.load(beat, 1)) + '\\n');
  process.kill(process.pid, 'SIGKILL');
}`;

/** Ends this process, naming the fault, when one blocks its only thread: no timer would run then. */
export class Watchdog {
  readonly #shared = new SharedArrayBuffer(8 + LONGEST);
  readonly #beat = new Int32Array(this.#shared, 0, 2);
  readonly #worker = new Worker(SOURCE, { eval: true, workerData: { shared: this.#shared, patience: PATIENCE_MS } });

  readonly #online = once(this.#worker, 'online');

  /** Its thread runs: from now on it opens no descriptor, which a comparison would see. */
  async ready(): Promise<void> {
    await this.#online;
  }

  /** From now on it is about this; nothing: about nothing. */
  watch(what = ''): void {
    const bytes = Buffer.from(what).subarray(0, LONGEST);
    Buffer.from(this.#shared, 8).set(bytes);
    Atomics.store(this.#beat, 1, bytes.length);
    Atomics.add(this.#beat, 0, 1);
    Atomics.notify(this.#beat, 0);
  }

  async close(): Promise<void> {
    this.watch();
    await this.#worker.terminate();
  }
}
