// Asks a stats socket: one command, its answer, and `show stat` as rows.
import net from 'node:net';

const ANSWER_MS = 3000;

/** Sends one command to the stats socket at `path`, resolves to the answer. Rejects when none comes. */
export function askStats(path: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const sock = net.connect({ path });
    sock.setTimeout(ANSWER_MS, () => sock.destroy(new Error('no answer')));
    sock.on('connect', () => sock.write(`${command}\n`));
    sock.setEncoding('utf8');
    sock.on('data', (chunk: string) => (text += chunk));
    sock.on('end', () => {
      resolve(text);
    });
    sock.on('error', reject);
  });
}

/** The rows of `show stat` by column (management manual, 9.1); empty for anything else. */
export function csvRows(csv: string): ReadonlyMap<string, string>[] {
  const [head, ...lines] = csv.split('\n').filter((line) => line.trim() !== '');
  if (head === undefined || !head.startsWith('# ')) return [];
  const names = head.slice(2).split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return new Map(names.map((name, i) => [name, cells[i] ?? '']));
  });
}
