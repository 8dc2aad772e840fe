// Which part of a launch is at work, for the names of points: `mine mkdir`, `after mine mkdir`, `mine undo unmount`.
import { LaunchView } from '../../../core/engine/launch-state.js';
import type { PluginDefinition, Undo } from '../../../core/plugin/plugin.js';

let part = '';

export function currentPart(): string {
  return part;
}

export function enterPart(text: string): void {
  part = text;
}

/** Notes each step of each plugin. @returns what ends it */
export function followSteps(): () => void {
  const { step } = LaunchView.prototype;
  LaunchView.prototype.step = async function (this: LaunchView, given) {
    part = `${this.plugin} ${given.action}`;
    try {
      return await (step.call(this, given) as ReturnType<typeof given.run>);
    } finally {
      part = `after ${this.plugin} ${given.action}`;
    }
  };
  return () => {
    LaunchView.prototype.step = step;
    part = '';
  };
}

/** The plugin with undo functions that note that they are at work. */
export function followUndo(plugin: PluginDefinition): PluginDefinition {
  const followed = Object.entries(plugin.undo ?? {}).map(([kind, take]): [string, Undo] => {
    const noted: Undo = async (args, context) => {
      const before = part;
      part = `${plugin.name} undo ${kind}`;
      try {
        await take(args, context);
      } finally {
        part = before;
      }
    };
    return [kind, noted];
  });
  return { ...plugin, undo: Object.fromEntries(followed) };
}
