// Reads the output of `strace -ttt` of one thread (no -f): a line a call. Lines that are no finished call (signals, the
// wait that was cut off by detaching, exit notes) are left out.

export interface TraceCall {
  /** Seconds since 1970. */
  readonly time: number;
  readonly name: string;
  /** The arguments as strace prints them, split at the commas of the top level. */
  readonly args: readonly string[];
  /** Return value; -1 on error; NaN where strace prints `?`. */
  readonly result: number;
  /** `EAGAIN` and the like, or '' on success. */
  readonly errno: string;
}

const LINE = /^(\d+\.\d+) (\w+)\((.*)\)\s+= (-?\d+|0x[0-9a-f]+|\?)(?: (E[A-Z0-9]+) .*| .*)?$/;

/** Splits an argument list at the commas that lie outside of quotes, brackets, braces and parentheses. */
export function splitArgs(text: string): string[] {
  const args: string[] = [];
  let depth = 0;
  let quoted = false;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '[' || c === '{' || c === '(') depth++;
    else if (c === ']' || c === '}' || c === ')') depth--;
    else if (c === ',' && depth === 0) {
      args.push(text.slice(start, i).trim());
      start = i + 1;
    }
  }
  const last = text.slice(start).trim();
  if (last !== '' || args.length > 0) args.push(last);
  return args;
}

/** One line, or null when it is no finished call. */
export function parseTraceLine(line: string): TraceCall | null {
  const m = LINE.exec(line);
  if (m === null) return null;
  const [, time = '', name = '', args = '', result = '', errno = ''] = m;
  return { time: Number(time), name, args: splitArgs(args), result: result === '?' ? NaN : Number(result), errno };
}

export function parseTrace(text: string): TraceCall[] {
  const calls: TraceCall[] = [];
  for (const line of text.split('\n')) {
    const call = parseTraceLine(line);
    if (call !== null) calls.push(call);
  }
  return calls;
}
