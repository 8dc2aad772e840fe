import type { CommandEntry } from './command.js';

/** docker's other names for commands. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  images: ['image', 'ls'],
  rmi: ['image', 'rm'],
};
/** `container ls` and `container rm` are `ps` and `rm`; what is here stays a command of `container`. */
const LISTS = ['ls', 'list', 'ps'];
const OWN = ['prune', 'exists'];

/** The words with the command under its first name. @param at where the command's name stands */
export function resolveAlias(
  words: readonly string[],
  at: number,
  commands: readonly CommandEntry[],
): readonly string[] {
  const [name = '', sub = ''] = words.slice(at);
  const meant = ALIASES[name] ?? (name === 'container' ? containerCommand(sub, commands) : undefined);
  if (!meant) return words;
  return [...words.slice(0, at), ...meant, ...words.slice(at + (name === 'container' ? 2 : 1))];
}

function containerCommand(sub: string, commands: readonly CommandEntry[]): readonly string[] | undefined {
  if (LISTS.includes(sub)) return ['ps'];
  const isCommand = !OWN.includes(sub) && ABOUT_CONTAINERS.includes(sub) && commands.some(({ name }) => name === sub);
  return isCommand ? [sub] : undefined;
}

const ABOUT_CONTAINERS =
  'attach commit cp create diff exec export inspect kill logs pause port rename restart rm run start stats stop top unpause update wait'.split(
    ' ',
  );
