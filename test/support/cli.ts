// Client of the runtime CLI over a UNIX stats socket: one command a connection, the answer is read to its end.

import net from 'node:net';

/**
 * Sends one command, returns the whole answer. Rejects when the socket refuses, breaks, or when no end came within
 * `timeoutMs`.
 */
export function cliCommand(path: string, command: string, timeoutMs = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    const sock = net.connect({ path });
    const chunks: Buffer[] = [];
    const timer = setTimeout(
      () => sock.destroy(new Error(`CLI: no answer to '${command}' in ${timeoutMs} ms`)),
      timeoutMs,
    );
    sock.on('connect', () => sock.write(`${command}\n`));
    sock.on('data', (chunk) => chunks.push(chunk));
    sock.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    sock.on('error', reject);
    sock.on('close', () => {
      clearTimeout(timer);
      reject(new Error(`CLI: connection closed before the end of the answer to '${command}'`)); // no effect after 'end'
    });
  });
}

/** `show info` and its like: `Name: value` lines as a table. Lines of another form are left out. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const info = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) info.set(line.slice(0, at), line.slice(at + 2).trim());
  }
  return info;
}

/** An integer field of `show info`. Throws when it is absent or no integer. */
export function infoNumber(info: ReadonlyMap<string, string>, name: string): number {
  const text = info.get(name);
  if (text === undefined || !/^-?\d+$/.test(text)) throw new Error(`show info: ${name} is ${text ?? 'absent'}`);
  return Number(text);
}
