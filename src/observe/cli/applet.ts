// The runtime CLI as an applet: reads lines, runs their commands, writes the answers as the client takes them. An answer is
// asked for piece by piece, so that a large one never lies in memory as a whole.
import type { CliLevel } from '../../config/types.js';
import type { Appctx } from '../../datapath/applet/appctx.js';
import type { AppletOps } from '../../datapath/applet/types.js';
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
import { taskletWakeup } from '../../sched/task.js';
import { bug } from '../../base/bug.js';
import { laterText } from './later.js';
import { findCommand, levelAllows, PERMISSION_DENIED, unknownText, visible } from './lookup.js';
import { cliErr, cliInfo, isMessage, messageText } from './message.js';
import type { CliAnswer, CliCall, CliCommand, CliEnv, CliSession, SeverityOutput } from './types.js';
import { lineLength, lineText, splitCommands, splitWords } from './words.js';

const PROMPT = '\n> ';
const PAYLOAD_PROMPT = '+ ';
const PAYLOAD_MARK = '<<'; // at the end of a command: what follows, up to an empty line, belongs to it
const STEPS_A_RUN = 64; // lines and commands run before others get their turn

/** State of one connection. */
class Cli implements CliSession {
  readonly stream: Stream;
  level: CliLevel;
  prompt = false;
  severity: SeverityOutput;
  experimental = false;
  expert = false;
  /** Bytes of the answer that found no room yet. */
  out: Uint8Array | null = null;
  outFrom = 0;
  answer: Iterator<string | null> | null = null;
  /** Commands of the line that is being worked at, the last one first. */
  queue: string[] = [];
  /** The command that waits for its payload, and what came of it. */
  held: string | null = null;
  payload: string[] = [];
  payloadBytes = 0;
  lines = 0;
  quit = false;
  readonly wake: () => void;

  constructor(app: Appctx, stream: Stream) {
    this.stream = stream;
    this.wake = () => {
      taskletWakeup(app.tasklet);
    };
    const { level, severityOutput } = stream.sess.listener.conf;
    this.level = level;
    this.severity = severityOutput;
  }
}

/** The CLI over `commands`. A connection has the level of its `stats socket` line. */
export function cliApplet(env: CliEnv, commands: readonly CliCommand[]): AppletOps {
  return {
    name: '<CLI>',
    init: (app) => {
      app.ctx = new Cli(app, app.si.task.context as Stream);
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

function run(app: Appctx, cli: Cli, env: CliEnv, commands: readonly CliCommand[]): void {
  for (let budget = STEPS_A_RUN; ;) {
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
      if (!pull(app, cli)) return; // called again after `wake`, or at any input
      continue;
    }
    if (budget-- === 0) {
      app.si.ops.chkRcv(app.si); // again after the others
      return;
    }
    const command = cli.queue.pop();
    if (command !== undefined) start(cli, env, commands, command);
    else if (!readLine(app, cli, env, commands)) return;
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

/** Takes the next piece of the answer, or its end: an empty line, and the prompt where one is wanted. False: it waits. */
function pull(app: Appctx, cli: Cli): boolean {
  const next = cli.answer!.next();
  if (next.done !== true) {
    if (next.value === null) return interrupted(app, cli);
    if (next.value !== '') say(cli, next.value);
    return true;
  }
  over(cli);
  return true;
}

function over(cli: Cli): void {
  cli.answer = null;
  if (!cli.quit) say(cli, cli.prompt ? PROMPT : '\n');
}

/** Ends an answer that waits when the client says something, which is thrown away, or nothing any more. */
function interrupted(app: Appctx, cli: Cli): boolean {
  const input = appletInput(app);
  if (input === 0 && cli.queue.length === 0 && !appletInputEnded(app)) return false;
  appletTake(app, input);
  cli.queue = [];
  cli.answer?.return?.();
  over(cli);
  return true;
}

/** Takes a line off the input. False: none is there, or the connection ends. */
function readLine(app: Appctx, cli: Cli, env: CliEnv, commands: readonly CliCommand[]): boolean {
  const most = app.si.thr.bufs.sizes[0]!;
  const there = appletInput(app);
  const bytes = appletPeek(app, most);
  const length = lineLength(bytes);
  if (length === 0) {
    if (there >= most) {
      // A line that does not fit into a buffer will never be complete.
      tooLong(cli);
      appletTake(app, there);
      return true;
    }
    // Without a newline nothing is run. One line is all that is answered unless there is a prompt.
    if (appletInputEnded(app) || (cli.lines > 0 && !cli.prompt && cli.held === null)) appletEnd(app);
    return false;
  }
  const text = lineText(bytes.subarray(0, length));
  appletTake(app, length);
  cli.lines++;
  if (cli.held === null) cli.queue = splitCommands(text).reverse();
  else if (text !== '') holdPayload(cli, text, length, most);
  else {
    const line = cli.held;
    cli.held = null;
    answer(cli, env, commands, line, `${cli.payload.join('\n')}\n`);
    cli.payload = [];
  }
  return true;
}

function tooLong(cli: Cli): void {
  say(cli, 'Command line too long.\n');
  cli.quit = true;
}

/** A line of a payload, which is bounded by a buffer's size. */
function holdPayload(cli: Cli, text: string, length: number, most: number): void {
  cli.payload.push(text);
  cli.payloadBytes += length;
  if (cli.payloadBytes > most) tooLong(cli);
  else if (cli.prompt) say(cli, PAYLOAD_PROMPT);
}

function start(cli: Cli, env: CliEnv, commands: readonly CliCommand[], line: string): void {
  if (!line.endsWith(PAYLOAD_MARK)) {
    answer(cli, env, commands, line, null);
    return;
  }
  cli.held = line.slice(0, -PAYLOAD_MARK.length);
  cli.payload = cli.queue.length > 0 ? [cli.queue.reverse().join(';')] : []; // what stands behind the mark is payload, too
  cli.payloadBytes = 0;
  cli.queue = [];
  if (cli.prompt) say(cli, PAYLOAD_PROMPT);
}

function answer(cli: Cli, env: CliEnv, commands: readonly CliCommand[], line: string, payload: string | null): void {
  const words = splitWords(line);
  const command = findCommand(commands, words);
  if (command?.name === 'quit') {
    cli.quit = true;
    return;
  }
  const answered = answerOf(command, commands, { env, session: cli, words, payload });
  if (typeof answered === 'string') cli.answer = one(answered);
  else cli.answer = isMessage(answered) ? one(messageText(answered, cli.severity)) : answered[Symbol.iterator]();
}

function answerOf(command: CliCommand | null, commands: readonly CliCommand[], call: CliCall): CliAnswer {
  const { session, words } = call;
  if (command === null) {
    const later = laterText(words);
    return later !== '' ? cliErr(later) : cliInfo(unknownText(visible(commands, session), words));
  }
  if (command.mode !== undefined && !session[command.mode])
    return cliErr(`This command is restricted to ${command.mode} mode only.\n`);
  if (!levelAllows(session.level, command.level)) return PERMISSION_DENIED;
  return command.run(call);
}

function one(text: string): Iterator<string> {
  return [text][Symbol.iterator]();
}

/** Run of a command that the applet itself carries out. */
export function byApplet(): never {
  return bug('cli: the applet does this one itself');
}
