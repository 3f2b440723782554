// What samples may ask of the process (configuration manual 7.3.2): its variables, environment, clock and proxies.
import type { Configuration, ProxyConf } from '../config/types.js';
import type { Thread } from '../datapath/fd/thread.js';
import { binaryOf, textOf } from '../policy/sample/binary.js';
import { logFormatStr, uniqueIdOf } from '../policy/sample/log-format.js';
import { SampleValue, smpStr } from '../policy/sample/sample.js';
import { SMP_OPT_FINAL, type SampleContext, type SampleProcess } from '../policy/sample/types.js';
import { storeSet, type VarLimits, VarStore } from '../policy/sample/vars.js';
import { Proxy } from '../proxy/proxy.js';
import { newProxy } from '../config/defaults.js';

/** What this looks at in the instance. */
interface LiveInstance {
  readonly stopping: boolean;
  readonly logs: { event(sink: string, text: string): void };
}

export class InstanceSamples implements SampleProcess {
  readonly varLimits: VarLimits;
  readonly vars: VarStore;
  readonly nbthread = 1;
  readonly bufsize: number;
  readonly maxHeaders: number;
  private readonly thr: Thread;
  private readonly live: LiveInstance;
  private readonly proxies: ReadonlyMap<ProxyConf, Proxy>;
  private readonly environment: Readonly<Record<string, string | null>>;

  constructor(thr: Thread, config: Configuration, proxies: ReadonlyMap<ProxyConf, Proxy>, live: LiveInstance) {
    const { tune, env, variables } = config.global;
    this.thr = thr;
    this.live = live;
    this.proxies = proxies;
    this.environment = env;
    this.varLimits = tune.vars;
    this.bufsize = tune.bufsize;
    this.maxHeaders = tune.maxHeaders;
    this.vars = new VarStore(new VarStore(null, tune.vars.global), tune.vars.proc);
    this.setVariables(variables);
  }

  get stopping(): boolean {
    return this.live.stopping;
  }

  proxyOf(conf: ProxyConf): Proxy | null {
    return this.proxies.get(conf) ?? null;
  }

  backendNamed(name: string): Proxy | null {
    const text = textOf(name);
    for (const px of this.proxies.values()) if (px.isBackend && px.name === text) return px;
    return null;
  }

  uniqueId(ctx: SampleContext): string | null {
    return uniqueIdOf(ctx);
  }

  env(name: string): string | undefined {
    const own = this.environment[name];
    const value = own === undefined ? process.env[name] : own;
    return value == null ? undefined : binaryOf(value);
  }

  event(sink: string, text: string): void {
    this.live.logs.event(sink, text);
  }

  dateUs(): bigint {
    return BigInt(Math.floor(this.thr.sys.date() * 1000));
  }

  /** `set-var` and `set-var-fmt` of the global section. */
  private setVariables(list: Configuration['global']['variables']): void {
    if (list.length === 0) return;
    const px = new Proxy(newProxy('frontend', 'CFG', { file: '', line: 0, column: 0, length: 0 }));
    px.process = this;
    const ctx: SampleContext = { px, sess: null, strm: null, opt: SMP_OPT_FINAL };
    const smp = new SampleValue();
    for (const { name, expr, format } of list) {
      if (expr !== null) {
        if (!expr.eval(ctx, smp)) continue;
      } else if (format !== null) {
        smpStr(smp, logFormatStr(format, ctx));
      }
      storeSet(this.vars, name, smp);
    }
  }
}
