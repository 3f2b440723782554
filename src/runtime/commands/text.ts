// Small pieces of text that several subcommands print.

/** `512 B`, `1.5 KiB`, `64.0 MiB`. */
export function byteText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  let n = bytes;
  let unit = 0;
  while (n >= 1024 && unit < UNITS.length - 1) {
    n /= 1024;
    unit++;
  }
  return `${n.toFixed(1)} ${UNITS[unit]!}`;
}

const UNITS: readonly string[] = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `12,345,678` */
export function countText(n: number): string {
  return Math.round(n).toLocaleString('en-US');
}

/** Rows as columns under a heading; columns of numbers stand right. */
export function tableText(rows: readonly (readonly string[])[], indent: string): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, i) => Math.max(...rows.map((r) => (r[i] ?? '').length)));
  const right = head.map((_, i) => body.every((r) => /^[\d.,]*$/.test(r[i] ?? '')));
  return rows
    .map((r) => {
      const cells = r.map((c, i) => (right[i] === true ? c.padStart(widths[i]!) : c.padEnd(widths[i]!)));
      return `${indent}${cells.join('  ').trimEnd()}\n`;
    })
    .join('');
}
