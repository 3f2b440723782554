// Columns of `show stat` in their order (management manual 9.1), with what the typed and JSON forms say of each: origin,
// nature, scope, kind of value (manual 9.2).

export type ValueKind = 'str' | 'u32' | 's32' | 'u64' | 'flt';

export interface StatField {
  readonly name: string;
  /** Three letters: origin, nature, scope. */
  readonly tags: string;
  readonly kind: ValueKind;
}

const f = (spec: string): StatField => {
  const [name, tags, kind] = spec.split(' ') as [string, string, ValueKind];
  return { name, tags, kind };
};

const COUNTERS_H2: readonly string[] = [
  'headers_rcvd',
  'data_rcvd',
  'settings_rcvd',
  'rst_stream_rcvd',
  'goaway_rcvd',
  'detected_conn_protocol_errors',
  'detected_strm_protocol_errors',
  'rst_stream_resp',
  'goaway_resp',
];

export const STAT_FIELDS: readonly StatField[] = [
  ...[
    'pxname KNS str',
    'svname KNS str',
    'qcur MGP u32',
    'qmax MMP u32',
    'scur MGP u32',
    'smax MMP u32',
    'slim CLP u32',
  ],
  ...['stot', 'bin', 'bout', 'dreq', 'dresp', 'ereq', 'econ', 'eresp', 'wretr', 'wredis'].map((n) => `${n} MCP u64`),
  ...['status SGP str', 'weight MaP u32', 'act MGP u32', 'bck MGP u32', 'chkfail MCP u64', 'chkdown MCP u64'],
  ...['lastchg MAP u32', 'downtime MCP u32', 'qlimit CGS u32', 'pid KGP u32', 'iid KGS u32', 'sid KGS u32'],
  ...['throttle MaP u32', 'lbtot MCP u64', 'tracked CGS str', 'type CGS u32', 'rate MRP u32', 'rate_lim CLP u32'],
  ...['rate_max MMP u32', 'check_status MOP str', 'check_code MOP u32', 'check_duration MDP u64'],
  ...['1xx', '2xx', '3xx', '4xx', '5xx', 'other'].map((n) => `hrsp_${n} MCP u64`),
  ...['hanafail MCP u64', 'req_rate MRP u32', 'req_rate_max MMP u32', 'req_tot MCP u64', 'cli_abrt MCP u64'],
  ...['srv_abrt MCP u64', 'comp_in MCP u64', 'comp_out MCP u64', 'comp_byp MCP u64', 'comp_rsp MCP u64'],
  ...['lastsess MAP s32', 'last_chk MOP str', 'last_agt MOP str', 'qtime MaP u32', 'ctime MaP u32', 'rtime MaP u32'],
  ...['ttime MaP u32', 'agent_status MOP str', 'agent_code MOP u32', 'agent_duration MDP u64', 'check_desc MOP str'],
  ...['agent_desc MOP str', 'check_rise CGS u32', 'check_fall CGS u32', 'check_health MGP u32', 'agent_rise CGS u32'],
  ...['agent_fall CGS u32', 'agent_health MGP u32', 'addr CGS str', 'cookie CGS str', 'mode CGS str', 'algo CGS str'],
  ...['conn_rate MRP u32', 'conn_rate_max MMP u32', 'conn_tot MCP u64', 'intercepted MCP u64', 'dcon MCP u64'],
  ...[
    'dses MCP u64',
    'wrew MCP u64',
    'connect MCP u64',
    'reuse MCP u64',
    'cache_lookups MCP u64',
    'cache_hits MCP u64',
  ],
  ...['srv_icur MGP u32', 'src_ilim CLP u32', 'qtime_max MMP u32', 'ctime_max MMP u32', 'rtime_max MMP u32'],
  ...['ttime_max MMP u32', 'eint MCP u64', 'idle_conn_cur MGP u32', 'safe_conn_cur MGP u32', 'used_conn_cur MGP u32'],
  ...['need_conn_est MGP u32', 'uweight MaP u32', 'agg_server_status MGP u32', 'agg_server_check_status MGP u32'],
  ...['agg_check_status MGP u32', '- --- str'],
  ...['ssl_sess MCP u64', 'ssl_reused_sess MCP u64', 'ssl_failed_handshake MCP u64'],
  ...COUNTERS_H2.map((n) => `h2_${n} MCP u64`),
  ...['h2_open_connections MGP u64', 'h2_backend_open_streams MGP u64', 'h2_total_connections MCP u64'],
  ...['h2_backend_total_streams MCP u64', 'h1_open_connections MGP u64', 'h1_open_streams MGP u64'],
  ...['total_connections', 'total_streams', 'bytes_in', 'bytes_out', 'spliced_bytes_in', 'spliced_bytes_out'].map(
    (n) => `h1_${n} MCP u64`,
  ),
].map(f);

/** Where the kind of row changes the tags of a field: `S.act` is a status, `B.act` a measure. */
export const TAGS_BY_ROW: Readonly<Record<string, string>> = {
  'S.act': 'SGP',
  'S.bck': 'SGP',
  'B.rate': 'MGP',
  'B.rate_max': 'MGP',
};

/** Column that parts the fields of all builds from those of optional modules; it says nothing. */
export const MODULES_COLUMN = '-';

/** The words that the letters of `tags` stand for. */
export const ORIGINS: Readonly<Record<string, string>> = {
  M: 'Metric',
  S: 'Status',
  K: 'Key',
  C: 'Config',
  P: 'Product',
};
export const NATURES: Readonly<Record<string, string>> = {
  A: 'Age',
  a: 'Avg',
  C: 'Counter',
  D: 'Duration',
  G: 'Gauge',
  L: 'Limit',
  M: 'Max',
  N: 'Name',
  O: 'Output',
  R: 'Rate',
};
export const SCOPES: Readonly<Record<string, string>> = { P: 'Process', S: 'Service' };
