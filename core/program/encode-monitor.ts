import { checkedText } from '../kernel/gate.js';
import { MONITOR } from './layout.js';
import { Memory } from './memory.js';
import type { MonitorConfig } from './monitor.js';

const NONE = -1;
/** Descriptors that are given by their own name. */
const DESCRIPTORS = [
  'state',
  'memoryEvents',
  'stdout',
  'stderr',
  'stdin',
  'input',
  'alive',
  'terminal',
  'ready',
] as const;

/**
 * A monitor's config as it lies in the program: {@link MONITOR}, and behind it its texts and vectors,
 * which are named by their distance from its beginning. The monitor copies it in one piece.
 * @throws RangeError when it is larger than the monitor's memory for it
 */
export function monitorMemory(config: MonitorConfig): Memory {
  const { log, event, after } = config;
  const texts = new Texts();
  const fixed = Buffer.alloc(MONITOR.size);
  for (const name of DESCRIPTORS) fixed.writeInt32LE(config[name] ?? NONE, MONITOR[name]);
  fixed.writeInt32LE(log?.directory ?? NONE, MONITOR.log);
  fixed.writeBigUInt64LE(BigInt(log?.maxSize ?? 0), MONITOR.logSize);
  fixed.writeUInt32LE(log?.maxFiles ?? 0, MONITOR.logFiles);
  fixed.writeInt32LE(event?.file ?? NONE, MONITOR.event);
  if (event) {
    fixed.writeUInt32LE(texts.add(event.before), MONITOR.eventBefore);
    fixed.writeUInt32LE(texts.add(event.between), MONITOR.eventBetween);
    fixed.writeUInt32LE(texts.add(event.after), MONITOR.eventAfter);
  }
  fixed.writeInt32LE(after?.stderr ?? NONE, MONITOR.afterStderr);
  if (after) {
    fixed.writeUInt32LE(texts.addVector(after.argv), MONITOR.argv);
    fixed.writeUInt32LE(texts.addVector(after.env), MONITOR.env);
  }
  for (const [field, value] of [
    [MONITOR.timeout, config.timeoutMs],
    [MONITOR.successDelay, after?.successDelayMs],
    [MONITOR.failureDelay, after?.failureDelayMs],
    [MONITOR.steady, after?.steadyMs],
    [MONITOR.steadyDelay, after?.steadyDelayMs],
  ] as const) {
    fixed.writeBigInt64LE(BigInt(value ?? NONE), field);
  }
  fixed.writeUInt32LE(texts.end, MONITOR.length);
  if (texts.end > MONITOR.largest) {
    throw new RangeError(
      `the monitor's config is ${texts.end} bytes long and may be ${MONITOR.largest}: ` +
        'the command that restarts the container, with its environment, and the text of its event',
    );
  }
  return Memory.of(Buffer.concat([fixed, ...texts.pieces]), 'monitor');
}

/** Pieces behind the fixed part, each aligned to 8 bytes. */
class Texts {
  readonly pieces: Buffer[] = [];
  end: number = MONITOR.size;

  /** @returns its distance from the beginning */
  add(text: string): number {
    return this.#push(Buffer.from(`${checkedText(text)}\0`));
  }

  addVector(strings: readonly string[]): number {
    const vector = Buffer.alloc((strings.length + 1) * 8);
    for (const [index, text] of strings.entries()) vector.writeUInt32LE(this.add(text), index * 8);
    return this.#push(vector);
  }

  #push(bytes: Buffer): number {
    const at = this.end;
    const padded = Buffer.alloc(Math.ceil(bytes.length / 8) * 8);
    padded.set(bytes);
    this.pieces.push(padded);
    this.end += padded.length;
    return at;
  }
}
