import type { Failure, Finding } from '../diagnosis.js';
import { commandOf } from '../facts.js';
import { type CommandFile, lookAtCommand } from '../look/command-file.js';

/** Matches a command whose execve(2) failed with this errno, by its file. @param find undefined or false: it is something else */
export function onFile(
  errno: string,
  find: (file: CommandFile) => Finding | undefined | false | '' | null,
): (failure: Failure) => Finding | undefined {
  return ({ facts, launch }) => {
    const command = commandOf(facts, launch, errno);
    const file = command && lookAtCommand(command);
    return (file && find(file)) || undefined;
  };
}
