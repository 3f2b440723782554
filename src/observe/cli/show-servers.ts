// `show servers state`, `show servers conn` and `show backend` (management manual 9.3).
import type { Proxy } from '../../proxy/proxy.js';
import { type Server } from '../../proxy/server.js';
import { AF_INET, AF_INET6 } from '../../sys/constants.js';
import { findBackend } from './find.js';
import { cliErr } from './message.js';
import type { CliAnswer, CliCall, CliCommand } from './types.js';

const STATE_FORMAT = 1;
const STATE_COLUMNS =
  'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight ' +
  'srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state ' +
  'bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr ' +
  'srv_agent_addr srv_agent_port';
const CHECK_STATUS_INI = 1; // no check has run
const CHECK_PAUSED = 8; // checks of a server that was disabled by the configuration
const NONE = '-';

const ip = (s: Server): string =>
  s.address.family === AF_INET || s.address.family === AF_INET6 ? s.address.host : NONE;

/** With port mapping, the offset stands in the port's place, as the reference prints it: without a sign. */
const port = (s: Server): number => (s.mapPorts ? s.portOffset >>> 0 : s.address.port);

/** The name that was configured, where it had to be looked up. */
function fqdn(s: Server): string {
  const { host, family } = s.conf.address;
  return (family === 'ipv4' || family === 'ipv6') && /[a-z_]/i.test(host) && !host.includes(':') ? host : NONE;
}

const number = (flag: boolean): number => (flag ? 1 : 0);

function stateLine(call: CliCall, px: Proxy, s: Server): string {
  const { thr, startMs } = call.env.instance;
  const since = Math.max(0, Math.floor((thr.sys.date() - (s.lastChangeMs > 0 ? s.lastChangeMs : startMs)) / 1000));
  const fields: readonly (string | number)[] = [
    ...[px.id, px.name, s.id, s.name, ip(s)],
    ...[s.state, s.admin, s.weight, s.weightInitial, since],
    ...[CHECK_STATUS_INI, 0, s.health, s.conf.disabled ? CHECK_PAUSED : 0, 0],
    ...[number(px.conf.idForced), number(s.conf.idForced), fqdn(s), port(s), NONE],
    ...[0, 0, NONE, NONE, 0],
  ];
  return `${fields.join(' ')}\n`;
}

const CONN_COLUMNS =
  'bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb safe_nb idle_lim idle_cur idle_per_thr[1]';

function connLine(_call: CliCall, px: Proxy, s: Server): string {
  const used = number(s.lastSessionMs >= 0);
  const fields: readonly (string | number)[] = [
    ...[`${px.name}/${s.name}`, `${px.id}/${s.id}`, ip(s), port(s), NONE, s.conf.poolPurgeDelayMs],
    ...[0, used, used, 0, 0, s.conf.poolMaxConn, 0, 0],
  ];
  return `${fields.join(' ')}\n`;
}

function* dump(
  call: CliCall,
  backends: readonly Proxy[],
  head: string,
  line: (call: CliCall, px: Proxy, s: Server) => string,
): Generator<string> {
  yield head;
  for (const px of backends) for (const s of px.servers) yield line(call, px, s);
}

/** The backend asked for, or all. */
function backends(call: CliCall): readonly Proxy[] | null {
  const { instance } = call.env;
  const name = call.words[3];
  if (name === undefined) return instance.proxies.filter((p) => p.isBackend && !p.disabled);
  const px = findBackend(instance, name);
  return px === null ? null : [px];
}

const NOT_FOUND = cliErr(`Can't find backend.\n`);

function showState(call: CliCall): CliAnswer {
  const list = backends(call);
  return list === null ? NOT_FOUND : dump(call, list, `${STATE_FORMAT}\n# ${STATE_COLUMNS}\n`, stateLine);
}

function showConn(call: CliCall): CliAnswer {
  const list = backends(call);
  return list === null ? NOT_FOUND : dump(call, list, `# ${CONN_COLUMNS}\n`, connLine);
}

function showBackend(call: CliCall): CliAnswer {
  const names = call.env.instance.proxies.filter((p) => p.isBackend && !p.disabled).map((p) => `${p.name}\n`);
  return `# name\n${names.join('')}`;
}

export const showServersCommands: readonly CliCommand[] = [
  {
    name: 'show backend',
    usage: 'show backend',
    help: 'list backends in the current running config',
    level: 'user',
    run: showBackend,
  },
  {
    name: 'show servers conn',
    usage: 'show servers conn [<backend>]',
    help: 'dump server connections status (all or for a single backend)',
    level: 'user',
    run: showConn,
  },
  {
    name: 'show servers state',
    usage: 'show servers state [<backend>]',
    help: 'dump volatile server information (all or for a single backend)',
    level: 'user',
    run: showState,
  },
];
