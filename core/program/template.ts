import type { EncodedProgram } from './encode.js';
import { Memory, type OpArg } from './memory.js';
import type { Op } from './op.js';

const SHORT = 12;

/** Where a text that each container has its own of stands in a program. */
interface Place {
  readonly offset: number;
  readonly length: number;
}

/**
 * An encoded program, from which those of further containers are made that differ by nothing but the container's id.
 * Ids have one length: nothing moves. What a program has in it of the first one's is only text, the id itself or
 * its first twelve digits, so both are looked for; 48 random bits are not found where they do not belong.
 */
export class ProgramTemplate {
  readonly #bytes: Buffer;
  readonly #places: readonly Place[];

  /** @param id of the container that it was recorded for: 64 hexadecimal digits */
  constructor(
    readonly encoded: EncodedProgram,
    readonly id: string,
  ) {
    this.#bytes = Buffer.from(encoded.bytes);
    this.#places = placesOf(this.#bytes, id);
  }

  /** The program of another container. */
  for(id: string): EncodedProgram {
    const bytes = Buffer.from(this.#bytes);
    for (const { offset, length } of this.#places) bytes.write(id, offset, length, 'latin1');
    const { ops, timesOffset, outcomesOffset, variables } = this.encoded;
    const op = (one: Op) => renamed(one, this.id, id);
    return {
      bytes,
      timesOffset,
      outcomesOffset,
      variables,
      // For plans and explanations: hardly ever asked for.
      get ops() {
        return ops.map(op);
      },
      op: (index) => {
        const one = ops[index];
        return one && op(one);
      },
    };
  }
}

function placesOf(bytes: Buffer, id: string): Place[] {
  const places: Place[] = [];
  const short = Buffer.from(id.slice(0, SHORT), 'latin1');
  const whole = Buffer.from(id, 'latin1');
  for (let at = bytes.indexOf(short); at >= 0; ) {
    const isWhole = bytes.compare(whole, 0, whole.length, at, Math.min(at + whole.length, bytes.length)) === 0;
    const length = isWhole ? whole.length : SHORT;
    places.push({ offset: at, length });
    at = bytes.indexOf(short, at + length);
  }
  return places;
}

/** What this launch has in their place is not known here. */
function withoutVariables(note: string, { args }: Op): string {
  const memories = args.filter((arg) => arg instanceof Memory);
  const variables = memories.flatMap(({ variables: own }) => [...(own?.values() ?? [])]);
  return variables.reduce((left, { text }) => left.replace(text, '…'), note);
}

/** The texts of an op; what it points at is left as it is. */
function renamed(op: Op, from: string, to: string): Op {
  const text = (value: string) => value.replaceAll(from, to).replaceAll(from.slice(0, SHORT), to.slice(0, SHORT));
  const arg = (value: OpArg) => (typeof value === 'string' ? text(value) : value);
  return {
    ...op,
    args: op.args.map(arg),
    ...(op.note !== undefined && { note: withoutVariables(text(op.note), op) }),
    ...(op.hint !== undefined && { hint: text(op.hint) }),
  };
}
