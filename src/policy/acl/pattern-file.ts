// Pattern files of `-f` (configuration manual 7.1): a pattern a line, blanks in front stripped, comments and empty lines left
// out; as a map file (`-M`) the first column of two.

export interface FilePattern {
  /** Binary string. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

/** `text` is the file as a binary string. */
export function readPatternFile(text: string, map: boolean): FilePattern[] {
  const out: FilePattern[] = [];
  let line = 0;
  for (let from = 0; from < text.length;) {
    let end = text.indexOf('\n', from);
    if (end < 0) end = text.length;
    line++;
    const raw = text.slice(from, end);
    from = end + 1;
    // A sharp is a comment in the first column alone: ` #x` is the pattern `#x`.
    if (raw.startsWith('#')) continue;
    let pattern = raw.replace(/^[ \t]+/, '').replace(/[\r]+$/, '');
    if (pattern === '') continue;
    if (map) pattern = /^[^ \t]*/.exec(pattern)![0];
    out.push({ text: pattern, line });
  }
  return out;
}
