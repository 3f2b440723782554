// The logs of an instance: targets opened as the configuration has them, and a log for each proxy that has any.
import { hostname } from 'node:os';
import type { Configuration, LogTargetConf } from '../../config/types.js';
import type { Thread } from '../../datapath/fd/thread.js';
import { addressOfConf } from '../../datapath/proto/address.js';
import type { Proxy } from '../../proxy/proxy.js';
import { DatagramOutput, DescriptorOutput, type LogOutput } from './output.js';
import { type LogIdentity, ProxyLog } from './proxy-log.js';
import { LogRing } from './ring.js';
import { LogSink } from './sink.js';

const SYSLOG_PORT = 514;
const NOWHERE: LogOutput = { write: () => false, close: () => undefined };

export class LogService {
  readonly sinks: LogSink[] = [];
  readonly rings = new Map<string, LogRing>();
  private readonly thr: Thread;
  private readonly outputs = new Set<LogOutput>();
  private readonly id: LogIdentity;
  private readonly ofGlobal: readonly LogSink[];

  constructor(thr: Thread, config: Configuration) {
    const { global } = config;
    this.thr = thr;
    const sent = global.logSendHostname;
    this.id = {
      host: sent === null ? '' : sent === '' ? hostname() : sent,
      tag: global.logTag === '' ? 'haproxy' : global.logTag,
      pid: process.pid,
      now: () => thr.sys.date(),
    };
    this.ofGlobal = global.logs.map((conf) => this.open(conf));
  }

  /** Gives `px` its log where it has targets. */
  attach(px: Proxy): void {
    const sinks = px.conf.logs.flatMap((conf) => (conf.global ? this.ofGlobal : [this.open(conf)]));
    if (sinks.length > 0) px.log = new ProxyLog(px, sinks, this.id);
  }

  /** Lines that were lost, all targets together. */
  get dropped(): number {
    return this.sinks.reduce((n, s) => n + s.dropped, 0);
  }

  close(): void {
    for (const o of this.outputs) o.close();
    this.outputs.clear();
  }

  private open(conf: LogTargetConf): LogSink {
    const output = this.output(conf);
    this.outputs.add(output);
    const ring = output instanceof LogRing ? output : null;
    const format = conf.format !== '' ? conf.format : (ring?.format ?? '');
    const sink = new LogSink({ ...conf, format }, output, this.id.host);
    this.sinks.push(sink);
    return sink;
  }

  private output(conf: LogTargetConf): LogOutput {
    const { target, address } = conf;
    if (target === 'stdout') return new DescriptorOutput(this.thr, 1);
    if (target === 'stderr') return new DescriptorOutput(this.thr, 2);
    if (target.startsWith('ring@')) return this.rings.get(target.slice('ring@'.length)) ?? NOWHERE;
    if (address === null) return NOWHERE;
    if (address.family === 'fd') return new DescriptorOutput(this.thr, address.fd);
    const to = addressOfConf(address, '127.0.0.1', '::1');
    return new DatagramOutput(this.thr, to.port === 0 && to.host !== '' ? { ...to, port: SYSLOG_PORT } : to);
  }
}
