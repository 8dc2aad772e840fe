import type { Expression, File, Node, ObjectExpression, ObjectProperty } from '@babel/types';
import { defaultExport, topLevelValue } from './module-values.js';
import type { Finder, Position } from './position.js';

/** The value of a JSON file, which is an expression of JavaScript. */
export async function jsonFinder(text: string): Promise<Finder> {
  const { parseExpression } = await import('@babel/parser');
  const expression = parseExpression(text, { errorRecovery: true });
  return (path) => find(expression, path, () => undefined);
}

/** The default export of a JavaScript or TypeScript file, as far as it is written down and not computed. */
export async function moduleFinder(text: string, extension: string): Promise<Finder> {
  const { parse } = await import('@babel/parser');
  const file: File = parse(text, {
    sourceType: extension.startsWith('.c') ? 'script' : 'unambiguous',
    errorRecovery: true,
    allowReturnOutsideFunction: true,
    plugins: /ts$/.test(extension) ? ['typescript'] : [],
  });
  const exported = defaultExport(file);
  return (path) => (exported ? find(exported, path, (name) => topLevelValue(file, name)) : undefined);
}

type Lookup = (name: string) => Expression | undefined;

function find(start: Expression, path: readonly (string | number)[], lookup: Lookup): Position | undefined {
  let place: Node = start;
  let value: Expression | undefined = written(start, lookup);
  for (const key of path) {
    const next: Found | undefined = value && member(value, key, lookup);
    if (!next) return position(place, false);
    place = next.place;
    value = next.value && written(next.value, lookup);
  }
  return position(place, true);
}

function position({ loc }: Node, exact: boolean): Position | undefined {
  return loc ? { line: loc.start.line, column: loc.start.column + 1, exact } : undefined;
}

interface Found {
  /** What the position is of: a property's key, an item. */
  readonly place: Node;
  readonly value: Expression | undefined;
}

/** What an expression stands for: without types around it, through `defineConfig(…)` and constants of the file. */
function written(expression: Expression, lookup: Lookup, depth = 0): Expression | undefined {
  if (depth > 20) return undefined;
  const through = (inner: Expression | undefined) => inner && written(inner, lookup, depth + 1);
  switch (expression.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
    case 'ParenthesizedExpression':
      return through(expression.expression);
    case 'Identifier':
      return through(lookup(expression.name));
    case 'CallExpression': {
      const isDefine = expression.callee.type === 'Identifier' && expression.callee.name === 'defineConfig';
      return isDefine ? through(expression.arguments[0] as Expression | undefined) : undefined;
    }
    default:
      return expression;
  }
}

function member(value: Expression, key: string | number, lookup: Lookup): Found | undefined {
  if (value.type === 'ArrayExpression') {
    const item = value.elements[Number(key)];
    // Behind a spread nobody knows which index is whose.
    const known = !value.elements.slice(0, Number(key) + 1).some((element) => element?.type === 'SpreadElement');
    return item && known ? { place: item, value: item as Expression } : undefined;
  }
  return value.type === 'ObjectExpression' ? property(value, String(key), lookup) : undefined;
}

/** The last one wins, as it does when the code runs; a spread counts where it is an object of this file. */
function property(object: ObjectExpression, key: string, lookup: Lookup): Found | undefined {
  for (const one of object.properties.toReversed()) {
    if (one.type === 'SpreadElement') {
      const inner = written(one.argument, lookup);
      // It may hold the key, or not: whatever stands before it could be hidden.
      if (inner?.type !== 'ObjectExpression') return undefined;
      const found = property(inner, key, lookup);
      if (found) return found;
    } else if (keyOf(one) === key) {
      return { place: one, value: one.type === 'ObjectProperty' ? (one.value as Expression) : undefined };
    }
  }
  return undefined;
}

function keyOf({ key, computed }: Pick<ObjectProperty, 'key' | 'computed'>): string | undefined {
  if (key.type === 'StringLiteral' || key.type === 'NumericLiteral') return String(key.value);
  return key.type === 'Identifier' && !computed ? key.name : undefined;
}
