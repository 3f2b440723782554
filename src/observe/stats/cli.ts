// `show stat` and `show info` on the runtime CLI (management manual 9.3).
import type { Proxy } from '../../proxy/proxy.js';
import { cliErr } from '../cli/message.js';
import type { CliAnswer, CliCall, CliCommand } from '../cli/types.js';
import { infoFields } from './info.js';
import { csvHead, csvRow, jsonField, jsonRow, typedRow } from './render.js';
import { backendRow, frontendRow, listenerRow, type RowOptions, serverIsUp, serverRow, type StatRow } from './rows.js';

const SHOW_FE = 1;
const SHOW_BE = 2;
const SHOW_SRV = 4;
const SHOW_LI = 8;

/** What `show stat` was asked for. */
interface Wanted {
  /** null: all. */
  readonly px: Proxy | null;
  readonly none: boolean;
  readonly types: number;
  readonly sid: number;
  readonly up: boolean;
  readonly noMaint: boolean;
}

function* rows(call: CliCall, wanted: Wanted): Generator<StatRow> {
  const { instance } = call.env;
  const options: RowOptions = { legends: call.session.level !== 'user', counts: wanted.up || wanted.noMaint };
  if (wanted.none) return;
  const wants = (type: number, sid: number): boolean =>
    (wanted.types & type) !== 0 && (wanted.sid === -1 || wanted.sid === sid);
  for (const px of instance.proxies) {
    if ((wanted.px !== null && px !== wanted.px) || px.disabled) continue;
    if (px.isFrontend) {
      if (wants(SHOW_FE, 0)) yield frontendRow(instance, px);
      if (px.conf.options.socketStats) {
        for (const [i, l] of px.listeners.entries()) {
          const row = listenerRow(px, l, i, options);
          if (wants(SHOW_LI, row.sid)) yield row;
        }
      }
    }
    if (!px.isBackend) continue;
    for (const s of px.servers) {
      if (!wants(SHOW_SRV, s.id)) continue;
      if ((wanted.noMaint && s.inMaint) || (wanted.up && !serverIsUp(s))) continue;
      yield serverRow(instance, px, s, options);
    }
    if (wants(SHOW_BE, 0)) yield backendRow(instance, px, options);
  }
}

/** Null: there is no such proxy. */
function readWanted(call: CliCall): { wanted: Wanted; form: string } | null {
  const args = call.words.slice(2);
  const form = args.includes('json') ? 'json' : args.includes('typed') ? 'typed' : 'csv';
  const flags = { up: args.includes('up'), noMaint: args.includes('no-maint') };
  const first = args[0];
  let px: Proxy | null = null;
  let none = false;
  let types = -1;
  let sid = -1;
  if (first !== undefined && args[1] !== undefined && /^-?\d+$/.test(args[1])) {
    if (/^-?\d+$/.test(first)) {
      const id = Number(first);
      px = call.env.instance.proxies.find((p) => p.id === id) ?? null;
      none = px === null && id > 0;
    } else {
      px = call.env.instance.proxies.find((p) => p.name === first) ?? null;
      if (px === null) return null;
    }
    types = Number(args[1]);
    sid = args[2] !== undefined && /^-?\d+$/.test(args[2]) ? Number(args[2]) : -1;
  }
  return { wanted: { px, none, types, sid, ...flags }, form };
}

function showStat(call: CliCall): CliAnswer {
  const asked = readWanted(call);
  if (asked === null) return cliErr('No such proxy.\n');
  const { wanted, form } = asked;
  if (form === 'typed') return map(rows(call, wanted), (row) => typedRow(row, call.words.includes('desc')));
  if (form === 'json') return statJson(rows(call, wanted));
  return csv(rows(call, wanted));
}

function* map<T>(all: Iterable<T>, text: (one: T) => string): Generator<string> {
  for (const one of all) yield text(one);
}

function* csv(all: Iterable<StatRow>): Generator<string> {
  yield csvHead();
  yield* map(all, csvRow);
}

function* statJson(all: Iterable<StatRow>): Generator<string> {
  let lead = '[';
  for (const row of all) {
    yield lead + jsonRow(row);
    lead = ',';
  }
  yield lead === '[' ? '[]\n' : ']\n';
}

function showInfo(call: CliCall): CliAnswer {
  const args = call.words.slice(2);
  const fields = infoFields(call.env, args.includes('float'));
  if (args.includes('json')) {
    return `${JSON.stringify(fields.map((f) => jsonField(f.pos, f.name, f.tags, f.kind, f.value)))}\n`;
  }
  const desc = (text: string): string => (args.includes('desc') ? `:"${text}"` : '');
  if (args.includes('typed')) {
    return fields.map((f) => `${f.pos}.${f.name}.1:${f.tags}:${f.kind}:${f.value}${desc(f.desc)}\n`).join('');
  }
  return fields.map((f) => `${f.name}: ${f.value}${desc(f.desc)}\n`).join('');
}

export const statsCommands: readonly CliCommand[] = [
  {
    name: 'show info',
    usage: 'show info [desc|json|typed|float]*',
    help: 'report information about the running process',
    level: 'user',
    run: showInfo,
  },
  {
    name: 'show stat',
    usage: 'show stat [desc|json|no-maint|typed|up]*',
    help: 'report counters for each proxy and server',
    level: 'user',
    run: showStat,
  },
];
