import type { Engine } from '../core/engine/index.js';
import { TsboxError } from '../core/plugin/error.js';

/**
 * What a plugin's command cannot be called: the commands of commands.ts (a test compares them) and docker's
 * other names for some. Here and not there, because what loads plugins is loaded by those.
 */
export const OWN_NAMES: readonly string[] = (
  'after-end attach commit compare config container cp create diff doctor down env events exec explain export gc help ' +
  'image images info inspect kill logs network pause plan plugin port ps rename restart rm rmi run start stats stop system ' +
  'top unpause up update version volume wait'
).split(' ');

/** Refuses a plugin whose command would never be reached. @throws TsboxError */
export function refuseShadows(engine: Engine): void {
  const shadow = engine.plugins.commands().find(({ name }) => OWN_NAMES.includes(name));
  if (!shadow) return;
  throw new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${shadow.plugin}" cannot be loaded`,
    why: `its command "${shadow.name}" has the name of a command of tsbox`,
    fix: 'give it the name of the plugin',
  });
}
