// Fields of `show info` in their order (management manual 9.3), then those of our own.
import { hostname } from 'node:os';
import { LI_CLOSED } from '../../datapath/proto/listener.js';
import type { CliEnv } from '../cli/types.js';
import type { ValueKind } from './fields.js';

export interface InfoField {
  /** Number of the field in the reference's list; ours follow from 1000 on. */
  readonly pos: number;
  readonly name: string;
  readonly tags: string;
  readonly kind: ValueKind;
  readonly value: number | string;
  readonly desc: string;
}

const OURS = 1000;
const MIB = 1048576;

type Entry = readonly [
  pos: number,
  name: string,
  tags: string,
  kind: ValueKind,
  desc: string,
  value: (e: CliEnv) => number | string,
];

const zero = (): number => 0;
const nowMs = (e: CliEnv): number => e.instance.thr.sys.now();
const uptimeMs = (e: CliEnv): number => Math.max(0, e.instance.thr.sys.date() - e.instance.startMs);
const uptimeSec = (e: CliEnv): number => Math.floor(uptimeMs(e) / 1000);
const openListeners = (e: CliEnv): number => e.instance.listeners.filter((l) => l.state !== LI_CLOSED).length;

function uptime(e: CliEnv): string {
  const s = uptimeSec(e);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${Math.floor(s / 86400)}d ${Math.floor(s / 3600) % 24}h${two(Math.floor(s / 60) % 60)}m${two(s % 60)}s`;
}

const pools = (e: CliEnv): number => e.instance.thr.bufs.usedBytes;

const ENTRIES: readonly Entry[] = [
  [0, 'Name', 'POS', 'str', 'Product name', () => 'HAProxy'],
  [1, 'Version', 'POS', 'str', 'Product version', (e) => e.version],
  [2, 'Release_date', 'POS', 'str', 'Date of the release', (e) => e.releaseDate],
  [3, 'Nbthread', 'CGS', 'u32', 'Threads started', (e) => e.instance.config.global.nbthread],
  [4, 'Nbproc', 'CGS', 'u32', 'Worker processes, always 1', () => 1],
  [5, 'Process_num', 'KGP', 'u32', 'Number of this worker', () => 1],
  [6, 'Pid', 'SGP', 'u32', 'Process id', () => process.pid],
  [7, 'Uptime', 'MDP', 'str', 'Time since the start', uptime],
  [8, 'Uptime_sec', 'MDP', 'u32', 'Seconds since the start', uptimeSec],
  [9, 'Memmax_MB', 'CLP', 'u32', 'Memory limit (-m)', zero],
  [10, 'PoolAlloc_MB', 'MGP', 'u32', 'MiB of buffers given out', (e) => Math.floor(pools(e) / MIB)],
  [11, 'PoolUsed_MB', 'MGP', 'u32', 'MiB of buffers in use', (e) => Math.floor(pools(e) / MIB)],
  [12, 'PoolFailed', 'MCP', 'u32', 'Buffers refused', (e) => e.instance.thr.bufs.failed],
  [13, 'Ulimit-n', 'CLP', 'u32', 'Limit of descriptors', (e) => e.ulimitN],
  [14, 'Maxsock', 'CLP', 'u32', 'Limit of sockets', (e) => e.ulimitN],
  [15, 'Maxconn', 'CLP', 'u32', 'Limit of connections', (e) => e.instance.limit.max],
  [16, 'Hard_maxconn', 'CLP', 'u32', 'Limit of connections at the start', (e) => e.hardMaxconn],
  [17, 'CurrConns', 'MGP', 'u32', 'Connections now', (e) => e.instance.limit.used],
  [18, 'CumConns', 'MCP', 'u32', 'Connections so far', (e) => e.instance.connTotal],
  [19, 'CumReq', 'MCP', 'u32', 'Requests so far', (e) => e.instance.streamsTotal],
  [20, 'MaxSslConns', 'MMP', 'u32', 'Limit of TLS connections', zero],
  [21, 'CurrSslConns', 'MGP', 'u32', 'TLS connections now', zero],
  [22, 'CumSslConns', 'MCP', 'u32', 'TLS connections so far', zero],
  [23, 'Maxpipes', 'CLP', 'u32', 'Limit of pipes', (e) => e.instance.thr.pipes.max],
  [24, 'PipesUsed', 'MGP', 'u32', 'Pipes in use', (e) => e.instance.thr.pipes.used],
  [25, 'PipesFree', 'MGP', 'u32', 'Pipes kept for use', (e) => e.instance.thr.pipes.free],
  [26, 'ConnRate', 'MRP', 'u32', 'Connections in the last second', (e) => e.instance.connRate.read(nowMs(e))],
  [27, 'ConnRateLimit', 'CLP', 'u32', 'Limit of ConnRate', (e) => e.instance.connGate.max],
  [28, 'MaxConnRate', 'MMP', 'u32', 'Highest ConnRate', (e) => e.instance.connRate.max],
  [29, 'SessRate', 'MRP', 'u32', 'Sessions in the last second', (e) => e.instance.sessRate.read(nowMs(e))],
  [30, 'SessRateLimit', 'CLP', 'u32', 'Limit of SessRate', (e) => e.instance.sessGate.max],
  [31, 'MaxSessRate', 'MRP', 'u32', 'Highest SessRate', (e) => e.instance.sessRate.max],
  [32, 'SslRate', 'MRP', 'u32', 'TLS connections in the last second', zero],
  [33, 'SslRateLimit', 'CLP', 'u32', 'Limit of SslRate', zero],
  [34, 'MaxSslRate', 'MMP', 'u32', 'Highest SslRate', zero],
  [35, 'SslFrontendKeyRate', 'MGP', 'u32', 'TLS keys made on frontends in the last second', zero],
  [36, 'SslFrontendMaxKeyRate', 'MMP', 'u32', 'Highest SslFrontendKeyRate', zero],
  [37, 'SslFrontendSessionReuse_pct', 'MGP', 'u32', 'Part of TLS connections without a new key', zero],
  [38, 'SslBackendKeyRate', 'MRP', 'u32', 'TLS keys made on backends in the last second', zero],
  [39, 'SslBackendMaxKeyRate', 'MMP', 'u32', 'Highest SslBackendKeyRate', zero],
  [40, 'SslCacheLookups', 'MCP', 'u32', 'Look-ups in the TLS session cache', zero],
  [41, 'SslCacheMisses', 'MCP', 'u32', 'Look-ups in the TLS session cache that found nothing', zero],
  [42, 'CompressBpsIn', 'MRP', 'u32', 'Bytes given to the compressor in the last second', zero],
  [43, 'CompressBpsOut', 'MRP', 'u32', 'Bytes made by the compressor in the last second', zero],
  [44, 'CompressBpsRateLim', 'CLP', 'u32', 'Limit of CompressBpsOut', zero],
  [47, 'Tasks', 'MGP', 'u32', 'Tasks that exist', (e) => e.instance.thr.sched.tasksUsed],
  [
    48,
    'Run_queue',
    'MGP',
    'u32',
    'Tasks and tasklets that wait to run',
    (e) => e.instance.thr.sched.rqCount + e.instance.thr.sched.tlCount,
  ],
  [49, 'Idle_pct', 'MaP', 'u32', 'Part of the last second spent waiting', (e) => e.instance.thr.loop.idlePct],
  [50, 'node', 'COS', 'str', 'Node name', (e) => (e.node === '' ? hostname() : e.node)],
  [52, 'Stopping', 'MGP', 'u32', '1 while it stops', (e) => (e.instance.stopping ? 1 : 0)],
  [53, 'Jobs', 'MGP', 'u32', 'Sessions and listeners', (e) => e.instance.sessions + openListeners(e)],
  [54, 'Unstoppable Jobs', 'MGP', 'u32', 'Jobs that a soft stop does not wait for', zero],
  [55, 'Listeners', 'MGP', 'u32', 'Listeners', openListeners],
  [56, 'ActivePeers', 'MGP', 'u32', 'Peers connected and checked', zero],
  [57, 'ConnectedPeers', 'MGP', 'u32', 'Peers connected', zero],
  [58, 'DroppedLogs', 'MGP', 'u32', 'Log lines dropped', (e) => e.instance.logs.dropped],
  [59, 'BusyPolling', 'MGP', 'u32', '1 where polling never sleeps', zero],
  [60, 'FailedResolutions', 'MGP', 'u32', 'Failed name resolutions', zero],
  [61, 'TotalBytesOut', 'MGP', 'u64', 'Bytes sent', (e) => e.instance.bytesOut],
  [
    62,
    'TotalSplicdedBytesOut',
    'MGP',
    'u64',
    'Bytes sent through pipes',
    (e) => e.instance.thr.counters.splicedBytesIn,
  ],
  [63, 'BytesOutRate', 'MRP', 'u64', 'Bytes sent in the last second', (e) => e.instance.bytesOutRate],
  [64, 'DebugCommandsIssued', 'MGP', 'u32', 'Debug commands given', zero],
  [65, 'CumRecvLogs', 'MCP', 'u32', 'Log messages received', zero],
  [66, 'Build info', 'POS', 'str', 'Build', (e) => e.version],
  [67, 'Memmax_bytes', 'CLP', 'u32', 'Memory limit (-m)', zero],
  [68, 'PoolAlloc_bytes', 'MGP', 'u64', 'Bytes of buffers given out', pools],
  [69, 'PoolUsed_bytes', 'MGP', 'u64', 'Bytes of buffers in use', pools],
  [70, 'Start_time_sec', 'MDP', 'u32', 'When it started', (e) => Math.floor(e.instance.startMs / 1000)],
  [71, 'Tainted', 'SGP', 'str', 'Experimental features in use', () => '0'],
  [OURS, 'Transport', 'SGP', 'str', 'How bytes are moved', (e) => e.instance.thr.sys.name],
  [OURS + 1, 'PipesTotal', 'MGP', 'u32', 'Pipes that exist', (e) => e.instance.thr.pipes.total],
  [OURS + 2, 'PipesFailed', 'MCP', 'u32', 'Pipes that could not be had', (e) => e.instance.thr.pipes.failed],
  [OURS + 3, 'Fds', 'MGP', 'u32', 'Descriptors in the table', (e) => e.instance.thr.fdtab.used],
  [
    OURS + 4,
    'AcceptErrors',
    'MCP',
    'u32',
    'Accepts that failed for lack of something',
    (e) => e.instance.thr.counters.acceptErrors,
  ],
  [OURS + 5, 'Crashes', 'MCP', 'u32', 'Exceptions in handlers', (e) => e.instance.thr.counters.crashes],
  [OURS + 6, 'Spins', 'MCP', 'u32', 'Times the loop was found to spin', (e) => e.instance.thr.loop.spins],
];

/** `float`: what is a fraction is shown with it. */
export function infoFields(env: CliEnv, float: boolean): InfoField[] {
  const fields: InfoField[] = ENTRIES.map(([pos, name, tags, kind, desc, value]) => ({
    ...{ pos, name, tags, kind, desc },
    value: value(env),
  }));
  if (!float) return fields;
  return fields.map((f) => (f.name === 'Uptime_sec' ? { ...f, kind: 'flt', value: uptimeMs(env) / 1000 } : f));
}
