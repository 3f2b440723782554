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

/** What the ring holds (or, `fresh`, nothing of it), and then what comes. A client that is too slow misses the oldest. */
function* following({ session }: CliCall, ring: LogRing, fresh: boolean): Generator<string | null> {
  const reader = ring.reader(false, fresh);
  ring.watch(session.wake);
  try {
    for (;;) {
      const text = reader.take();
      yield text === null ? null : `${textOf(text)}\n`;
    }
  } finally {
    ring.unwatch(session.wake);
  }
}

function showEvents(call: CliCall): CliAnswer {
  const [, , name, ...options] = call.words;
  if (name === undefined) return list(call);
  const { rings, sinks } = call.env.instance.logs;
  const ring = rings.get(name);
  if (ring === undefined) {
    const known = name === 'stdout' || name === 'stderr' || sinks.some((s) => s.name === name);
    return cliErr(known ? 'Nothing to report for this sink' : 'No such event sink');
  }
  let fresh = false;
  let wait = false;
  for (const option of options) {
    if (!/^-[nw]+$/.test(option)) return cliErr('unknown option');
    fresh ||= option.includes('n');
    wait ||= option.includes('w');
  }
  if (wait) return following(call, ring, fresh);
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
