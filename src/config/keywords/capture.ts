// `declare capture` (configuration manual 4.2): slots for what rules capture.

import { type KeywordGroup, type ProxyKeyword, SEC_FRONTEND, SEC_LISTEN } from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import { PR_CAP_DEF, PR_CAP_FE, type ProxyConf } from '../types.js';

function parseDeclareCapture(line: Line, px: ProxyConf): void {
  if ((px.caps & PR_CAP_DEF) !== 0) {
    line.alert(0, 'wrong-section', `'declare' not available in default section`);
    return;
  }
  if ((px.caps & PR_CAP_FE) === 0) {
    line.alert(0, 'wrong-section', `'declare' only available in frontend or listen section`);
    return;
  }
  const side = line.arg(2);
  if (side !== 'request' && side !== 'response') {
    const text = `'declare capture' requires a direction ('request' or 'response')`;
    line.alert(2, 'missing-argument', text, { expected: "'request' or 'response'" });
    return;
  }
  if (line.arg(3) !== 'len') {
    line.alert(3, 'missing-argument', `'declare capture' requires a capture length ('len')`, { expected: "'len'" });
    return;
  }
  const text = line.arg(4);
  if (text === '') {
    const message = `'declare capture': 'len' requires a numeric value that represents the capture length`;
    line.alert(4, 'missing-argument', message, { expected: 'an integer' });
    return;
  }
  if (!/^-?\d+$/.test(text)) {
    line.alert(4, 'not-a-number', `'declare capture': cannot parse the length 'len'.`, { expected: 'an integer' });
    return;
  }
  const length = Number(text);
  if (length <= 0) {
    line.alert(4, 'bad-number', 'length must be > 0');
    return;
  }
  (side === 'request' ? px.reqCaptures : px.resCaptures).push(length);
}

export const captureKeywords: readonly ProxyKeyword[] = [
  {
    words: 'declare capture',
    sections: SEC_FRONTEND | SEC_LISTEN,
    syntax: 'declare capture [ request | response ] len <length>',
    status: 'implemented',
    parse: parseDeclareCapture,
  },
];

export const declareGroup: KeywordGroup = {
  word: 'declare',
  unknown: (line, nearest) => {
    const got = clip(line.arg(1));
    const text =
      got === ''
        ? `'declare' needs a second keyword that specify the type of declaration ('capture')`
        : `unknown declaration type '${got}' (supports 'capture')`;
    line.alert(1, 'unknown-keyword', text, { nearest, expected: "'capture'" });
  },
};
