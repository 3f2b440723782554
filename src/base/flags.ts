// Flag families describe themselves: dumps (`show fd`, `show sess`, traces) decode a word through its table.

export interface FlagTable {
  /** Common prefix of the constants, left out of the decoded text: `CO_FL_`. */
  readonly prefix: string;
  /** Single bits by name; masks follow from them. */
  readonly bits: Readonly<Record<string, number>>;
}

/** `decodeFlags(CO_FL_TABLE, 0x00c00100)` gives `WAIT_L4_CONN|WAIT_L6_CONN|0x100`; `0` for an empty word. */
export function decodeFlags(table: FlagTable, word: number): string {
  const names: string[] = [];
  let rest = word;
  for (const [name, bit] of Object.entries(table.bits)) {
    if ((rest & bit) !== 0) {
      names.push(name);
      rest &= ~bit;
    }
  }
  if (rest !== 0) names.push(`0x${(rest >>> 0).toString(16)}`);
  return names.length === 0 ? '0' : names.join('|');
}
