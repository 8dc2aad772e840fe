/**
 * Splits a command as a shell does: white space, quotes, backslashes. Nothing else has a meaning, as no shell
 * will run it. @throws RangeError where a quote is not closed
 */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  const add = (more: string) => {
    word = (word ?? '') + more;
  };
  const pieces = text.matchAll(/\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|[^\s'"\\]+|["'\\]/g);
  for (const [whole, single, double, escaped] of pieces) {
    if (/^\s/.test(whole)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (single !== undefined) add(single);
    // In double quotes a backslash is only special before what is special there.
    else if (double !== undefined) add(double.replace(/\\(["\\$`\n])/g, (_, one) => (one === '\n' ? '' : one)));
    else if (escaped !== undefined) add(escaped === '\n' ? '' : escaped);
    else if (/^["'\\]$/.test(whole))
      throw new RangeError(whole === '\\' ? 'it ends with a backslash' : `a ${whole} is not closed`);
    else add(whole);
  }
  if (word !== undefined) words.push(word);
  return words;
}
