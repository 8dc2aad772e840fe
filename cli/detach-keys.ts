import { Transform } from 'node:stream';
import { TsboxError } from '../core/plugin/error.js';

const DEFAULT = 'ctrl-p,ctrl-q';
const CONTROLS = '@abcdefghijklmnopqrstuvwxyz[\\]^_';

/** `ctrl-p,ctrl-q`, `a`: bytes in a row. @throws TsboxError */
export function parseDetachKeys(text: string = DEFAULT): number[] {
  return text.split(',').map((key) => {
    const control = /^ctrl-(.)$/.exec(key.toLowerCase())?.[1];
    const code = control === undefined ? -1 : CONTROLS.indexOf(control);
    if (code >= 0) return code;
    if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
    throw new TsboxError('ERR_TSBOX_USAGE', {
      what: `invalid value ${JSON.stringify(text)} for --detach-keys`,
      why: `${JSON.stringify(key)} is no key`,
      fix: '--detach-keys=ctrl-p,ctrl-q',
    });
  });
}

/** Passes keys on until those come that detach; what began like them and was not is passed on after all. */
export class DetachKeys extends Transform {
  #seen = 0;

  constructor(
    readonly keys: readonly number[],
    readonly onDetach: () => void,
  ) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: string, done: () => void): void {
    const passed: number[] = [];
    for (const byte of chunk) {
      if (byte === this.keys[this.#seen]) {
        this.#seen++;
        if (this.#seen < this.keys.length) continue;
        if (passed.length > 0) this.push(Buffer.from(passed));
        this.onDetach();
        return done();
      }
      // What was held back was typed after all; this key may be the first again.
      passed.push(...this.keys.slice(0, this.#seen));
      this.#seen = byte === this.keys[0] ? 1 : 0;
      if (this.#seen === 0) passed.push(byte);
    }
    if (passed.length > 0) this.push(Buffer.from(passed));
    done();
  }
}
