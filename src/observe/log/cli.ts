// `show events`: what rings hold, and what was lost on the way to each target (management manual 9.3).
import { type CliAnswer, type CliCall, type CliCommand } from '../cli/types.js';
import { cliErr } from '../cli/message.js';
import { textOf } from '../../policy/sample/binary.js';
import type { LogRing } from './ring.js';

const NAME_WIDTH = 10;

function entry(name: string, kind: string, dropped: number, description: string): string {
  return `    ${name.padEnd(NAME_WIDTH)} : type=${kind}, ${dropped} dropped, ${description}\n`;
}

function* list(call: CliCall): Generator<string> {
  const { rings, sinks } = call.env.instance.logs;
  yield 'Supported events sinks are listed below. Add -w(wait), -n(new). Any key to stop\n';
  const of = (name: string): number => sinks.filter((s) => s.name === name).reduce((n, s) => n + s.dropped, 0);
  yield entry('stdout', 'fd', of('stdout'), 'standard output (fd#1)');
  yield entry('stderr', 'fd', of('stderr'), 'standard output (fd#2)');
  for (const r of rings.values()) yield entry(r.name, 'buffer', r.dropped, r.description);
  for (const s of sinks) {
    if (s.name === 'stdout' || s.name === 'stderr' || s.name.startsWith('ring@')) continue;
    yield entry(s.name, 'log', s.dropped, `${s.sent} sent`);
  }
}

/** What the ring holds now; messages that come meanwhile don't make it endless. */
function* messages(ring: LogRing): Generator<string> {
  const reader = ring.reader(false);
  const end = ring.endNumber;
  for (let text = reader.take(); text !== null && reader.next <= end; text = reader.take()) yield `${textOf(text)}\n`;
}

function showEvents(call: CliCall): CliAnswer {
  const [, , name, ...options] = call.words;
  if (name === undefined) return list(call);
  const ring = call.env.instance.logs.rings.get(name);
  if (ring === undefined) return cliErr('No such event sink');
  let fresh = false;
  for (const letter of options.join('').replaceAll('-', '')) {
    if (letter === 'n') fresh = true;
    else if (letter === 'w') return cliErr(`'-w' is known to HAProxy, but not in sluice yet.\n`);
    else return cliErr('unknown option');
  }
  return fresh ? '' : messages(ring);
}

export const logCommands: readonly CliCommand[] = [
  {
    name: 'show events',
    usage: 'show events [<sink>] [-w] [-n]',
    help: 'show event sink state',
    level: 'user',
    run: showEvents,
  },
];
