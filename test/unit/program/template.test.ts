import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type EncodedProgram, encode } from '../../../core/program/encode.js';
import { Program } from '../../../core/program/program.js';
import { ProgramTemplate } from '../../../core/program/template.js';

const FIRST = createHash('sha256').update('first').digest('hex');
const NEXT = createHash('sha256').update('next').digest('hex');
const short = (id: string) => id.slice(0, 12);

const encoded = (bytes: Buffer): EncodedProgram => ({
  bytes,
  ops: [],
  op: () => undefined,
  timesOffset: 8,
  outcomesOffset: 16,
  variables: [],
});

/** What a template makes of bytes of the first container. */
const made = (bytes: string) => new ProgramTemplate(encoded(Buffer.from(bytes, 'latin1')), FIRST).for(NEXT).bytes;

describe('the bytes of a further container', () => {
  it.each([
    ['the whole id', (id: string) => `\0/r/${id}/etc\0`],
    ['the first twelve digits', (id: string) => `\0${short(id)}\0`],
    ['both, several times, side by side', (id: string) => `${id}${short(id)}${short(id)}${id}${id}\0${short(id)}`],
    ['the whole id at the very end', (id: string) => `\0x${id}`],
    ['the first twelve digits at the very end', (id: string) => `\0x${short(id)}`],
    [
      'the first twelve digits, and others than those of the id after them',
      (id: string) => `${short(id)}${'9'.repeat(60)}`,
    ],
    ['a whole id that lacks its last digit, at the very end', (id: string) => `${short(id)}${FIRST.slice(12, 63)}`],
    [
      'beginnings that come to nothing',
      (id: string) => `${FIRST.slice(0, 4)}${FIRST.slice(0, 10)}${id}${FIRST.slice(0, 11)}\0`,
    ],
    ['not what is shorter', () => `${FIRST.slice(0, 11)}\0 ${FIRST.slice(12)}`],
    ['bytes that are no text', (id: string) => `\xff\x80${id}\xfe\0\x01`],
  ])('%s', (_, text) => {
    expect(made(text(FIRST)).toString('latin1')).toBe(text(NEXT));
  });

  it('does not change those of the first, nor those of another', () => {
    const text = `\0${FIRST}\0${short(FIRST)}`;
    const bytes = Buffer.from(text, 'latin1');
    const template = new ProgramTemplate(encoded(bytes), FIRST);
    const next = template.for(NEXT);
    expect(bytes.toString('latin1')).toBe(text);
    // A launcher writes into the program that it was given: the one at hand may be written to as well.
    bytes.fill(0);
    next.bytes.fill(0);
    expect(template.for(FIRST).bytes.toString('latin1')).toBe(text);
    expect(template.for(NEXT).bytes.toString('latin1')).toBe(`\0${NEXT}\0${short(NEXT)}`);
  });

  it('is what recording gives', () => {
    const bytes = encode(recorded(FIRST), 'x64');
    expect(new ProgramTemplate(bytes, FIRST).for(NEXT).bytes).toEqual(encode(recorded(NEXT), 'x64').bytes);
  });
});

function recorded(id: string): Program {
  const program = new Program();
  const recorder = program.recorder('inside', { plugin: 'test', hook: 'childSetup' });
  recorder.call('sethostname', [short(id), 12], { note: `called ${short(id)}`, hint: `of ${id}` });
  recorder.call('umount2', [`/r/${id}/merged`, 2]);
  recorder.call('setsid', []);
  return program;
}

describe('the ops of a further container', () => {
  const template = new ProgramTemplate(encode(recorded(FIRST), 'x64'), FIRST);
  const { ops, op, timesOffset, outcomesOffset } = template.for(NEXT);

  it('have its id in arguments, note and hint', () => {
    expect(ops).toHaveLength(3);
    expect(ops[0]).toMatchObject({ args: [short(NEXT), 12], note: `called ${short(NEXT)}`, hint: `of ${NEXT}` });
    expect(ops[1]?.args).toEqual([`/r/${NEXT}/merged`, 2]);
    expect([0, 1, 2].map((index) => op(index))).toEqual(ops);
  });

  it('are otherwise those of the first', () => {
    const first = encode(recorded(FIRST), 'x64');
    expect(ops[2]).toEqual(first.ops[2]);
    expect(ops[2]).not.toHaveProperty('note');
    expect(op(3)).toBeUndefined();
    expect([timesOffset, outcomesOffset]).toEqual([first.timesOffset, first.outcomesOffset]);
    expect(template.for(FIRST).ops[0]).toMatchObject({ args: [short(FIRST), 12] });
  });
});
