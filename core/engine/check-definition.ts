import { TsboxError } from '../plugin/error.js';
import { nearest } from '../plugin/nearest.js';
import { API_RELEASE, API_VERSION, DRIVER_KINDS, HOOK_NAMES, type PluginDefinition } from '../plugin/plugin.js';

const NAME = /^[a-z0-9][a-z0-9._-]*$/;
const KEYS = 'name apiVersion description options drivers hooks validate recordKey undo removals commands info'.split(
  ' ',
);
const OPTION_TYPES = ['string', 'number', 'integer', 'boolean', 'array', 'object'];

/**
 * What TypeScript checks where a plugin is written in it, once more, because it may not be; and that it fits
 * this tsbox. @throws TsboxError ERR_TSBOX_PLUGIN naming the plugin
 */
export async function checkDefinition(name: string, definition: PluginDefinition): Promise<void> {
  checkShape(name, definition);
  await checkApiVersion(name, definition.apiVersion);
  // After the version: another one may know more of these.
  checkNames(name, 'is no part of a plugin', 'its parts', Object.keys(definition), KEYS);
  checkNames(name, 'is no kind of driver', 'kinds', Object.keys(definition.drivers ?? {}), DRIVER_KINDS);
  for (const hook of Object.keys(definition.hooks ?? {}))
    if (!(HOOK_NAMES as readonly string[]).includes(hook))
      throw refused(name, `there is no hook ${hook}`, `hooks are ${HOOK_NAMES.join(', ')}`);
  checkFunctions(name, definition);
  for (const [option, schema] of Object.entries(definition.options ?? {}))
    if (!OPTION_TYPES.includes(schema?.type))
      throw refused(name, `its option "${option}" has no type`, `types are ${OPTION_TYPES.join(', ')}`);
}

/** Whether a module's default export can be a plugin at all. */
export function isDefinition(value: unknown): value is PluginDefinition {
  return typeof value === 'object' && value !== null && 'name' in value && 'apiVersion' in value;
}

function checkShape(name: string, definition: PluginDefinition): void {
  if (!isDefinition(definition) || typeof definition.name !== 'string')
    throw refused(
      name,
      'its module has no default export made by definePlugin',
      "export default definePlugin({ name: '...', apiVersion: 1, ... })",
    );
  if (!NAME.test(definition.name))
    throw refused(name, 'its name is none', 'use lower-case letters, digits, "-", "." and "_"');
}

/** A number is the range `^N`. semver is loaded for a range only, and no built-in plugin has one. */
async function checkApiVersion(name: string, wanted: number | string): Promise<void> {
  if (wanted === API_VERSION) return;
  const range = typeof wanted === 'number' ? `^${wanted}` : wanted;
  if (typeof wanted === 'string') {
    const { satisfies, validRange } = await import('./version-range.js');
    if (validRange(range) === null)
      throw refused(name, `its apiVersion "${range}" is no range of versions`, `apiVersion: ${API_VERSION}`);
    if (satisfies(API_RELEASE, range)) return;
  }
  throw refused(name, `it is written for plugin API ${range}; this tsbox has ${API_RELEASE}`, [
    `install a version of ${name} for API ${API_VERSION}`,
    `or a tsbox whose plugin API is in ${range}`,
  ]);
}

function checkNames(name: string, why: string, what: string, found: readonly string[], known: readonly string[]): void {
  const other = found.find((key) => !known.includes(key));
  if (other === undefined) return;
  const meant = nearest(other, known);
  throw refused(name, `"${other}" ${why}`, meant ? `did you mean "${meant}"?` : `${what} are ${known.join(', ')}`);
}

function checkFunctions(
  name: string,
  { drivers = {}, undo = {}, removals = {}, commands = {} }: PluginDefinition,
): void {
  for (const [kind, made] of Object.entries(drivers))
    for (const [driver, factory] of Object.entries(made))
      if (typeof factory !== 'function') throw notFunction(name, `drivers.${kind}.${driver}`);
  for (const [kind, take] of Object.entries(undo))
    if (typeof take !== 'function') throw notFunction(name, `undo.${kind}`);
  for (const [kind, say] of Object.entries(removals))
    if (typeof say !== 'function' || !undo[kind]) throw notFunction(name, `removals.${kind}, or undo.${kind},`);
  for (const [command, { run }] of Object.entries(commands))
    if (typeof run !== 'function') throw notFunction(name, `commands.${command}.run`);
}

function notFunction(name: string, part: string): TsboxError {
  return refused(name, `its ${part} is not a function`, 'a driver is given as a function that makes it');
}

function refused(name: string, why: string, fix: string | readonly string[]): TsboxError {
  return new TsboxError('ERR_TSBOX_PLUGIN', { what: `plugin "${name}" cannot be loaded`, why, fix });
}
