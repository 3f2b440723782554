// A log target at work: which levels it takes, how its lines look, where they go, how many were lost.
import type { LogTargetConf } from '../../config/types.js';
import { headerOf, type LogHead } from './header.js';
import type { LogOutput } from './output.js';
import { LogSample } from './sampling.js';
import { LOG_DEBUG, LOG_EMERG, LOG_FACILITIES, LOG_LEVELS, logNumber } from './words.js';

/** A message on its way to the targets. */
export interface LogMessage {
  readonly level: number;
  readonly ms: number;
  readonly tag: string;
  readonly sd: string;
  readonly pid: number;
  readonly host: string;
  /** Binary string, without a line feed. */
  readonly text: string;
}

export class LogSink {
  /** As written: `127.0.0.1:514`. */
  readonly name: string;
  /** Lines that did not go out. */
  dropped = 0;
  sent = 0;
  readonly output: LogOutput;
  private readonly facility: number;
  private readonly levelMax: number;
  private readonly levelMin: number;
  private readonly len: number;
  private readonly sample: LogSample | null;
  private readonly header: (h: LogHead) => string;

  constructor(conf: LogTargetConf, output: LogOutput, host: string) {
    this.name = conf.target;
    this.output = output;
    this.facility = logNumber(LOG_FACILITIES, conf.facility, 0);
    this.levelMax = logNumber(LOG_LEVELS, conf.level, LOG_DEBUG);
    this.levelMin = logNumber(LOG_LEVELS, conf.minLevel, LOG_EMERG);
    this.len = conf.len;
    this.sample = conf.sample === '' ? null : new LogSample(conf.sample);
    this.header = headerOf(conf.format, host);
  }

  send(m: LogMessage): void {
    if (m.level > this.levelMax) return;
    if (this.sample !== null && !this.sample.take()) return;
    const level = m.level < this.levelMin ? this.levelMin : m.level;
    const head = this.header({
      priority: this.facility * 8 + level,
      ms: m.ms,
      host: m.host,
      tag: m.tag,
      pid: m.pid,
      sd: m.sd,
    });
    const line = head + m.text;
    if (this.output.write(`${line.length > this.len ? line.slice(0, this.len) : line}\n`)) this.sent++;
    else this.dropped++;
  }
}
