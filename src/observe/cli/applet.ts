// The runtime CLI as an applet: reads lines, runs their commands, writes the answers as the client takes them. An answer is
// asked for piece by piece, so that a large one never lies in memory as a whole.
import type { CliLevel } from '../../config/types.js';
import type { Appctx } from '../../datapath/applet/appctx.js';
import type { AppletOps } from '../../datapath/applet/types.js';
import type { Session } from '../../datapath/session/session.js';
import {
  appletEnd,
  appletInput,
  appletInputEnded,
  appletOutputEnded,
  appletPeek,
  appletPut,
  appletTake,
} from '../../datapath/stream-interface/si-applet.js';
import type { Stream } from '../../datapath/stream/stream.js';
import { bug } from '../../base/bug.js';
import { findCommand, levelAllows, unknownText } from './lookup.js';
import type { CliCall, CliCommand, CliEnv, CliSession } from './types.js';
import { lineLength, lineText, splitCommands, splitWords } from './words.js';

const PROMPT = '\n> ';
const LINES_A_RUN = 64; // commands run before others get their turn

/** State of one connection. */
class Cli implements CliSession {
  readonly stream: Stream;
  level: CliLevel;
  prompt = false;
  /** Bytes of the answer that found no room yet. */
  out: Uint8Array | null = null;
  outFrom = 0;
  answer: Iterator<string> | null = null;
  /** Commands of the line that is being worked at. */
  queue: string[] = [];
  /** The first line of a command with a payload, and what came of the payload. */
  heldLine: string | null = null;
  payload: string[] = [];
  payloadBytes = 0;
  lines = 0;
  quit = false;

  constructor(stream: Stream, level: CliLevel) {
    this.stream = stream;
    this.level = level;
  }
}

/** The CLI over `commands`. A connection has the level of its `stats socket` line. */
export function cliApplet(env: CliEnv, commands: readonly CliCommand[]): AppletOps {
  return {
    name: '<CLI>',
    init: (app) => {
      const stream = app.si.task.context as Stream;
      app.ctx = new Cli(stream, levelOf(stream.sess));
    },
    io: (app) => {
      run(app, app.ctx as Cli, env, commands);
    },
    release: (app) => {
      const cli = app.ctx as Cli;
      cli.answer?.return?.();
      cli.answer = null;
      cli.out = null;
    },
  };
}

function levelOf(sess: Session): CliLevel {
  return sess.listener.conf.level;
}

function run(app: Appctx, cli: Cli, env: CliEnv, commands: readonly CliCommand[]): void {
  for (let budget = LINES_A_RUN; ;) {
    if (appletOutputEnded(app)) {
      appletEnd(app);
      return;
    }
    if (!flush(app, cli)) return; // called again when there is room
    if (cli.quit) {
      appletEnd(app);
      return;
    }
    if (cli.answer !== null) {
      pull(cli);
      continue;
    }
    const command = cli.queue.shift();
    if (command !== undefined) {
      start(cli, env, commands, command);
      continue;
    }
    if (budget-- === 0) {
      app.si.ops.chkRcv(app.si); // again after the others
      return;
    }
    if (!readLine(app, cli)) return;
  }
}

/** Writes what is pending; false while something is left. */
function flush(app: Appctx, cli: Cli): boolean {
  const { out } = cli;
  if (out === null) return true;
  cli.outFrom += appletPut(app, out, cli.outFrom);
  if (cli.outFrom < out.length) return false;
  cli.out = null;
  return true;
}

function say(cli: Cli, text: string): void {
  cli.out = Buffer.from(text, 'utf8');
  cli.outFrom = 0;
}

/** Takes the next piece of the answer, or its end: an empty line, and the prompt where one is wanted. */
function pull(cli: Cli): void {
  const next = cli.answer!.next();
  if (next.done !== true) {
    if (next.value !== '') say(cli, next.value);
    return;
  }
  cli.answer = null;
  if (!cli.quit) say(cli, cli.prompt ? PROMPT : '\n');
}

/** Takes a line off the input. False: none is there, or the connection ends. */
function readLine(app: Appctx, cli: Cli): boolean {
  const most = app.si.thr.bufs.sizes[0]!;
  const there = appletInput(app);
  const bytes = appletPeek(app, most);
  const length = lineLength(bytes);
  if (length === 0) {
    if (there >= most) {
      // A line that does not fit into a buffer will never be complete.
      say(cli, 'Command line too long.\n');
      cli.quit = true;
      appletTake(app, there);
      return true;
    }
    // Without a newline nothing is run. One line is all that is answered unless there is a prompt.
    if (appletInputEnded(app) || (cli.lines > 0 && !cli.prompt && cli.heldLine === null)) appletEnd(app);
    return false;
  }
  const text = lineText(bytes.subarray(0, length));
  appletTake(app, length);
  if (cli.heldLine !== null) {
    holdPayload(cli, text, length, most);
    return true;
  }
  if (/(^|\s)<<\s*$/.test(text)) {
    cli.heldLine = text.replace(/<<\s*$/, '');
    cli.payload = [];
    cli.payloadBytes = 0;
    return true;
  }
  cli.lines++;
  cli.queue = splitCommands(text);
  return true;
}

/** Lines of a payload, up to the empty one. Bounded by a buffer's size. */
function holdPayload(cli: Cli, text: string, length: number, most: number): void {
  if (text !== '') {
    cli.payload.push(text);
    cli.payloadBytes += length;
    if (cli.payloadBytes <= most) return;
    say(cli, 'Command line too long.\n');
    cli.quit = true;
    return;
  }
  cli.lines++;
  cli.queue = splitCommands(cli.heldLine!);
  cli.heldLine = null;
}

function start(cli: Cli, env: CliEnv, commands: readonly CliCommand[], line: string): void {
  const words = splitWords(line);
  const payload = cli.payload.length > 0 ? `${cli.payload.join('\n')}\n` : null;
  if (cli.queue.length === 0) cli.payload = [];
  const command = findCommand(commands, words);
  if (command?.name === 'quit') {
    cli.quit = true;
    return;
  }
  cli.answer = answerOf(command, commands, { env, session: cli, words, payload });
}

function answerOf(command: CliCommand | null, commands: readonly CliCommand[], call: CliCall): Iterator<string> {
  if (command === null) return one(unknownText(commands, call.words));
  if (!levelAllows(call.session.level, command.level)) return one('Permission denied\n');
  const answer = command.run(call);
  return typeof answer === 'string' ? one(answer) : answer[Symbol.iterator]();
}

function one(text: string): Iterator<string> {
  return [text][Symbol.iterator]();
}

/** Run of a command that the applet itself carries out. */
export function byApplet(): never {
  return bug('cli: the applet does this one itself');
}
