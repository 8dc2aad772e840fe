import type { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';
import { FUNCTIONS } from './functions.js';
import { isTrue, kindOf } from './values.js';

/** Where a part of a template is evaluated: what `.` is, and the variables there. */
export interface Scope {
  readonly dot: unknown;
  readonly variables: Variables;
}

/** A block's own variables, and those around it. `$` is the name ''. */
export interface Variables {
  readonly own: Map<string, unknown>;
  readonly outer?: Variables;
}

export type Expression = (scope: Scope) => unknown;

/** Makes the error for a position in the template. */
export type Fail = (at: number, why: string, fix?: string) => TsboxError;

/** An operand as it stands: `.A.B`, `$x.Name`, `(…).Name`, `"text"`, `len`. */
export interface Operand {
  readonly at: number;
  /** What the fields are taken of; undefined for a function. */
  readonly base: Expression | undefined;
  readonly fields: readonly { readonly name: string; readonly at: number }[];
  /** Of a function. */
  readonly name: string;
}

/** A command of a pipeline: takes what the command before it gave as its last argument. */
export type Command = (scope: Scope, piped: readonly unknown[]) => unknown;

export function command(operands: readonly Operand[], fail: Fail): Command {
  const [first, ...rest] = operands as [Operand, ...Operand[]];
  const values = rest.map((operand) => argument(operand, fail));
  if (first.base === undefined) return call(first, values, fail);
  return (scope, piped) => {
    const args = [...values.map((value) => value(scope)), ...piped];
    if (args.length > 0 && first.fields.length === 0) throw fail(first.at, 'what is no function takes no argument');
    return follow(first, scope, args, fail);
  };
}

/** The innermost block that has the variable. */
export function ownerOf(name: string, variables: Variables): Variables | undefined {
  if (variables.own.has(name)) return variables;
  return variables.outer && ownerOf(name, variables.outer);
}

function argument(operand: Operand, fail: Fail): Expression {
  if (operand.base === undefined) {
    const called = call(operand, [], fail);
    return (scope) => called(scope, []);
  }
  return (scope) => follow(operand, scope, [], fail);
}

function call({ name, at }: Operand, values: readonly Expression[], fail: Fail): Command {
  if (name === 'and' || name === 'or') return firstThatDecides(name, values);
  const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!known) throw fail(at, `there is no function ${name}`, `the functions are ${functionNames().join(', ')}`);
  return (scope, piped) => {
    const args = [...values.map((value) => value(scope)), ...piped];
    if (args.length < known.length) throw fail(at, `${name} takes ${known.length} arguments, and got ${args.length}`);
    try {
      return known(...args);
    } catch (error) {
      throw fail(at, `${name}: ${(error as Error).message}`);
    }
  };
}

const functionNames = (): string[] => ['and', 'or', ...Object.keys(FUNCTIONS)];

/** The first that is false, or true, or else the last one: those behind it are not looked at. */
function firstThatDecides(name: 'and' | 'or', values: readonly Expression[]): Command {
  return (scope, piped) => {
    let last: unknown;
    for (const value of [...values, ...piped.map((one) => () => one)]) {
      last = value(scope);
      if (isTrue(last) === (name === 'or')) return last;
    }
    return last;
  };
}

/** Takes field after field; the last one, if it is a method, gets the arguments. */
function follow({ base, fields }: Operand, scope: Scope, args: readonly unknown[], fail: Fail): unknown {
  return fields.reduce(
    (value, { name, at }, index) =>
      fieldOf(value, name, index === fields.length - 1 ? args : [], (why, fix) => fail(at, `<.${name}>: ${why}`, fix)),
    base?.(scope),
  );
}

function fieldOf(
  target: unknown,
  name: string,
  args: readonly unknown[],
  fail: (why: string, fix?: string) => TsboxError,
): unknown {
  if (target instanceof Map) return target.get(name);
  const kind = kindOf(target);
  if (kind === 'nil') throw fail('nothing is there that could have a field');
  if (kind !== 'object') throw fail(`a ${kind} has no fields`);
  if (!Object.hasOwn(target as object, name)) throw unknownField(name, Object.keys(target as object), fail);
  const value = (target as Record<string, unknown>)[name];
  if (typeof value !== 'function') {
    if (args.length > 0) throw fail('it takes no argument');
    return value;
  }
  if (value.length === args.length) return value(...args);
  throw fail(value.length === 0 ? 'it takes no argument' : `it takes ${value.length} argument, and got ${args.length}`);
}

function unknownField(name: string, names: string[], fail: (why: string, fix?: string) => TsboxError): TsboxError {
  const meant = nearest(name, names) ?? names.find((one) => one.toLowerCase() === name.toLowerCase());
  return fail(
    'there is no such field',
    meant ? `did you mean .${meant}?` : `the fields are ${names.sort().join(', ')}`,
  );
}
