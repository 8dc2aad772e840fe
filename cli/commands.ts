import type { CommandEntry } from './command.js';

/** Every command there is. Modules are imported when they are used: `run` pays for `run` only. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'run', summary: 'run a command in a new container', failure: 125, load: () => import('./commands/run.js') },
  {
    name: 'plan',
    summary: 'print what run would do, and do nothing',
    failure: 125,
    load: () => import('./commands/plan.js'),
  },
  { name: 'image', summary: 'list, make and remove images', failure: 1, load: () => import('./commands/image.js') },
  {
    name: 'info',
    summary: 'what this host can do, and which drivers work',
    failure: 1,
    load: () => import('./commands/info.js'),
  },
  { name: 'gc', summary: 'take back what died engines left', failure: 1, load: () => import('./commands/gc.js') },
  { name: 'rm', summary: 'remove containers that have ended', failure: 1, load: () => import('./commands/rm.js') },
  { name: 'version', summary: 'print the version', failure: 1, load: () => import('./commands/version.js') },
];
