// `ring` sections: the line that opens one, and its lines (configuration manual 3.9).

import { LOG_FORMATS } from '../../observe/log/words.js';
import { newProxy } from '../defaults.js';
import type { Line } from '../line.js';
import { nearestWord } from '../nearest.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import type { RingConf } from '../types.js';
import { readInt, readTime } from '../values.js';
import { badNameCharacter, parseServer } from './server.js';

const WORDS = ['backing-file', 'description', 'format', 'maxlen', 'server', 'size', 'timeout'] as const;

/** A new ring, or null after an error. */
export function openRing(line: Line, scope: Scope): RingConf | null {
  const name = line.arg(1);
  if (name === '') {
    line.alert(1, 'missing-argument', 'missing ring name.', { expected: 'ring <ringname>' });
    return null;
  }
  const bad = badNameCharacter(name);
  if (bad !== '') {
    const text = `invalid ring name '${clip(name)}' (character '${bad}' is not permitted).`;
    line.alert(1, 'bad-name', text, { expected: 'letters, digits, - _ . :' });
    return null;
  }
  const { config } = scope;
  if (config.rings.some((r) => r.name === name) || RESERVED.includes(name)) {
    line.alert(1, 'duplicate-name', `sink named '${clip(name)}' already exists.`);
    return null;
  }
  const sizeBytes = config.global.tune.bufsize;
  const ring: RingConf = {
    name,
    description: name,
    format: 'raw',
    maxlen: sizeBytes,
    sizeBytes,
    px: newProxy('backend', name, line.pos(0)),
    position: line.pos(0),
  };
  config.rings.push(ring);
  return ring;
}

/** Sinks that the reference has by itself. */
const RESERVED: readonly string[] = ['stdout', 'stderr', 'buf0'];

/** One line inside of the section. */
export function parseRingLine(line: Line, ring: RingConf, scope: Scope): void {
  const value = line.arg(1);
  if (line.prefix !== '') {
    const text = `negation/default currently supported only for options, log, busy-polling, set-dumpable, strict-limits, insecure-fork-wanted and numa-cpu-mapping.`;
    line.alert(0, 'no-negation', text, { form: 'tight' });
    return;
  }
  switch (line.arg(0)) {
    case 'description':
      if (value === '') line.alert(1, 'missing-argument', 'missing ring description text.');
      else ring.description = value;
      return;
    case 'format':
      if (LOG_FORMATS.some((f) => f === value)) ring.format = value;
      else {
        line.alert(1, 'unknown-word', `unknown format '${clip(value)}'.`, {
          nearest: nearestWord(value, LOG_FORMATS),
          expected: LOG_FORMATS.join(', '),
        });
      }
      return;
    case 'maxlen':
      ring.maxlen = readSize(line) || ring.maxlen;
      return;
    case 'size':
      parseSize(line, ring);
      return;
    case 'server':
      parseServer(line, ring.px, scope);
      refuseHandshakes(line);
      return;
    case 'timeout':
      parseTimeout(line, ring);
      return;
    case 'backing-file':
      line.alert(0, 'not-yet', `'backing-file' is known to HAProxy, but not in sluice yet`, {
        keyword: 'backing-file',
      });
      return;
    default: {
      const word = line.arg(0);
      line.alert(0, 'unknown-keyword', `unknown statement '${clip(word)}'.`, {
        nearest: nearestWord(word, WORDS),
        expected: WORDS.join(', '),
      });
    }
  }
}

/** What a forwarder does not say to its server yet. */
function refuseHandshakes(line: Line): void {
  line.words.forEach(({ text }, i) => {
    if (!['send-proxy', 'send-proxy-v2', 'socks4'].includes(text)) return;
    const keyword = `${text} in a ring`;
    line.alert(i, 'not-yet', `'${keyword}' is known to HAProxy, but not in sluice yet`, { keyword });
  });
}

/** A positive number; 0 after the error that it is none. */
function readSize(line: Line): number {
  const { value } = readInt(line.arg(1));
  if (value > 0) return value;
  line.alert(1, 'bad-number', `invalid size '${clip(line.arg(1))}' for new sink buffer.`, { expected: 'bytes' });
  return 0;
}

function parseSize(line: Line, ring: RingConf): void {
  const size = readSize(line);
  if (size === 0) return;
  if (size < ring.sizeBytes) {
    const text = `ignoring new size '${size}' that is smaller than current size '${ring.sizeBytes}' for ring '${ring.name}'.`;
    line.report('warning', 1, 'bad-number', text, { fatal: true, expected: `${ring.sizeBytes} bytes or more` });
    return;
  }
  ring.sizeBytes = size;
}

function parseTimeout(line: Line, ring: RingConf): void {
  const which = line.arg(1);
  if (which !== 'connect' && which !== 'server') return; // as the reference: without a word
  const text = line.arg(2);
  if (text === '') {
    line.alert(2, 'missing-argument', `'timeout ${which}' expects <time> as argument.`, { expected: 'a time' });
    return;
  }
  const t = readTime(text);
  if (!t.ok) {
    const message =
      t.why === 'overflow'
        ? `timer overflow in argument '${clip(text)}' to <timeout ${which}>, maximum value is 2147483647 ms (~24.8 days).`
        : `unexpected character '${t.character}' in argument to <timeout ${which}>.`;
    line.alert(2, 'bad-time', message, { form: 'tight', expected: 'a number, with us, ms, s, m, h or d behind it' });
    return;
  }
  ring.px.timeouts[which] = t.ms;
}
