// From bytes of a CLI connection to commands (management manual 9.3): lines, `;` between commands, `\` before a byte that is
// meant as it is, blanks between words. Nothing here keeps state.

const NL = 0x0a;

/** Length of the first line of `bytes` with its newline, 0 where there is no newline yet. */
export function lineLength(bytes: Uint8Array): number {
  return bytes.indexOf(NL) + 1;
}

/** Text of a line (its newline left out): CR before the end goes, a NUL separates as a blank does. */
export function lineText(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  return text.replace(/\r?\n?$/, '').replaceAll('\0', ' ');
}

/** Cuts a line at each `;` that no backslash stands before. What is empty is a command too: an unknown one. */
export function splitCommands(line: string): string[] {
  const commands: string[] = [];
  let from = 0;
  for (let i = 0; i < line.length; i++) {
    const c = line[i];
    if (c === '\\') i++;
    else if (c === ';') {
      commands.push(line.slice(from, i));
      from = i + 1;
    }
  }
  commands.push(line.slice(from));
  return commands;
}

/** Words of a command; `\` takes the character after it as it is, blanks too. */
export function splitWords(command: string): string[] {
  const words: string[] = [];
  let word = '';
  let open = false;
  for (let i = 0; i < command.length; i++) {
    const c = command[i]!;
    if (c === ' ' || c === '\t') {
      if (open) words.push(word);
      word = '';
      open = false;
      continue;
    }
    if (c === '\\' && i + 1 < command.length) i++;
    word += command[i]!;
    open = true;
  }
  if (open) words.push(word);
  return words;
}
