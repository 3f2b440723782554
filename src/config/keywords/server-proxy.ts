// Options of server lines about what is said before the stream: PROXY headers and SOCKS4 (configuration manual 5.2).

import { type AddressRules, parseAddress } from '../address.js';
import type { ServerKeyword } from '../keyword.js';
import type { Line } from '../line.js';
import { clip } from '../reports.js';
import type { Scope } from '../scope.js';
import {
  PP_AUTHORITY,
  PP_CERT_CN,
  PP_CERT_KEY,
  PP_CERT_SIG,
  PP_CRC32C,
  PP_SSL,
  PP_SSL_CIPHER,
  PP_UNIQUE_ID,
  PP_V1,
  PP_V2,
  type ServerConf,
} from '../types.js';

const SOCKS4_RULES: AddressRules = {
  port: 'required',
  range: false,
  offset: false,
  fd: false,
  type: 'stream',
  preferred: 'stream',
};

/** Words of `proxy-v2-options`. */
const OPTIONS: Readonly<Record<string, number>> = {
  ssl: PP_SSL,
  'cert-cn': PP_SSL | PP_CERT_CN,
  'cert-key': PP_SSL | PP_CERT_KEY,
  'cert-sig': PP_SSL | PP_CERT_SIG,
  'ssl-cipher': PP_SSL | PP_SSL_CIPHER,
  authority: PP_AUTHORITY,
  crc32c: PP_CRC32C,
  'unique-id': PP_UNIQUE_ID,
};

function sets(words: string, bits: number): ServerKeyword {
  return {
    words,
    args: 0,
    syntax: words,
    status: 'implemented',
    parse: (_line, _at, s) => {
      s.sendProxy |= bits;
      return '';
    },
  };
}

/** `no-send-proxy-v2` takes its own bits back, and leaves the others: so the reference does. */
function clears(words: string, bits: number): ServerKeyword {
  return {
    words,
    args: 0,
    syntax: words,
    status: 'implemented',
    parse: (_line, _at, s) => {
      s.sendProxy &= ~bits;
      return '';
    },
  };
}

function proxyV2Options(line: Line, at: number, s: ServerConf): string {
  for (const word of line.arg(at + 1).split(',')) {
    const bits = Object.hasOwn(OPTIONS, word) ? OPTIONS[word]! : 0;
    if (bits === 0) return `'${clip(word)}' : proxy v2 option not implemented`;
    s.sendProxy |= bits;
  }
  return '';
}

function socks4(line: Line, at: number, s: ServerConf, scope: Scope): string {
  const text = line.arg(at + 1);
  if (text === '') return `'socks4' expects <addr>:<port> as argument.`;
  const r = parseAddress(text, { ...SOCKS4_RULES, env: scope.envOf });
  if (!r.ok) return `'socks4 ${clip(text)}' : ${r.message}`;
  s.socks4 = r.parsed.address;
  return '';
}

export const serverProxy: readonly ServerKeyword[] = [
  sets('send-proxy', PP_V1),
  sets('send-proxy-v2', PP_V2),
  sets('send-proxy-v2-ssl', PP_V2 | PP_SSL),
  sets('send-proxy-v2-ssl-cn', PP_V2 | PP_SSL | PP_CERT_CN),
  clears('no-send-proxy', PP_V1),
  clears('no-send-proxy-v2', PP_V2),
  clears('no-send-proxy-v2-ssl', PP_V2 | PP_SSL),
  clears('no-send-proxy-v2-ssl-cn', PP_V2 | PP_SSL | PP_CERT_CN),
  {
    words: 'proxy-v2-options',
    args: 1,
    syntax: 'proxy-v2-options <option>[,<option>]*',
    status: 'implemented',
    parse: proxyV2Options,
  },
  { words: 'socks4', args: 1, syntax: 'socks4 <addr>:<port>', status: 'implemented', parse: socks4 },
];
