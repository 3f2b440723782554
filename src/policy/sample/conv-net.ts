// Converters of addresses and host names (configuration manual 7.3.1), and those that look a backend or server up by its name.
import { textConv, textToInt } from './conv-rows.js';
import { ipMasked, ipv4Inside } from './ip.js';
import { smpIp } from './sample.js';
import { ARG_MASK4, ARG_MASK6, type ConverterDef, SMP_T_ADDR, SMP_T_IPV4, SMP_T_STR } from './types.js';

/** Where the port of a Host value starts: the last colon, unless only digits are missing behind it and a bracket comes first. */
function portColon(host: string): number {
  for (let i = host.length - 1; i >= 0; i--) {
    if (host[i] === ']') return -1;
    if (host[i] === ':') return i;
  }
  return -1;
}

/** Digits as the reference adds them up: anything counts as a digit, by its distance from '0'. */
function looseInt(text: string): bigint {
  let v = 0n;
  for (let i = 0; i < text.length; i++) v = BigInt.asIntN(64, v * 10n + BigInt(text.charCodeAt(i) - 48));
  return v;
}

export const CONVERTERS_NET: readonly ConverterDef[] = [
  {
    words: 'ipmask',
    args: { kinds: [ARG_MASK4, ARG_MASK6], min: 1 },
    inType: SMP_T_ADDR,
    outType: SMP_T_IPV4,
    manual: '7.3.1',
    conv: (smp, args) => {
      if (smp.type === SMP_T_IPV4) return smpIp(smp, ipMasked(smp.ip, args[0]!.ip!));
      const inside = ipv4Inside(smp.ip);
      if (inside !== null) return smpIp(smp, ipMasked(inside, args[0]!.ip!));
      const mask = args[1]?.ip ?? null;
      return mask !== null && smpIp(smp, ipMasked(smp.ip, mask));
    },
  },
  textConv('host_only', SMP_T_STR, SMP_T_STR, (host) => {
    const colon = portColon(host);
    return (colon < 0 ? host : host.slice(0, colon)).replace(/[A-Z]+/g, (m) => m.toLowerCase());
  }),
  textToInt('port_only', (host) => {
    const colon = portColon(host);
    return colon < 0 ? 0n : looseInt(host.slice(colon + 1));
  }),
];
