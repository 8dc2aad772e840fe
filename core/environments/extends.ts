import type { Caller } from '../config/trust.js';
import type { Definition } from './definition.js';
import { findExtended } from './extended.js';
import { refusal } from './refusal.js';

/**
 * An environment and all that it extends, the nearest first: its own keys, then the last that it names,
 * with all that this one extends, then the one before. What is reached on two ways counts where it is
 * farthest, so that nothing which was written on top of it is hidden by it.
 * @throws TsboxError naming file and line: nothing there, a circle, a file that is not to be trusted
 */
export async function withExtended(definition: Definition, caller: Caller): Promise<readonly Definition[]> {
  const all = await collect(definition, caller, []);
  return all.filter((one, index) => all.findLastIndex((other) => idOf(other) === idOf(one)) === index);
}

async function collect(
  definition: Definition,
  caller: Caller,
  stack: readonly Definition[],
): Promise<readonly Definition[]> {
  const below = [...stack, definition];
  const found: Definition[] = [definition];
  for (const [index, reference] of references(definition).entries()) {
    const next = await findExtended(reference, index, definition, caller);
    if (below.some((one) => idOf(one) === idOf(next))) throw await circle([...below, next], index);
    found.splice(1, 0, ...(await collect(next, caller, below)));
  }
  return found;
}

function references({ value }: Definition): readonly string[] {
  return [value.extends ?? []].flat();
}

function idOf({ file, path }: Definition): string {
  return JSON.stringify([file, path]);
}

async function circle(chain: readonly Definition[], index: number): Promise<Error> {
  const last = chain.at(-2) as Definition;
  const first = chain.findIndex((one) => idOf(one) === idOf(chain.at(-1) as Definition));
  const names = chain.slice(first).map(({ name, file }) => name ?? file);
  const isList = Array.isArray(last.value.extends);
  return refusal(`cannot resolve the environment ${JSON.stringify(chain[0]?.name)}`, {
    file: last.file,
    path: [...last.path, 'extends', ...(isList ? [index] : [])],
    why: `environments extend each other in a circle: ${names.join(' -> ')}`,
    fix: 'leave one of them out',
  });
}
