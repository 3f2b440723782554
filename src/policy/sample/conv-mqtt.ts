// Converters that look into MQTT packets (configuration manual 7.3.1).
import { mqttFields, mqttRead, mqttType } from './mqtt.js';
import { smpBin, smpBool } from './sample.js';
import {
  ARG_STR,
  type Arg,
  type ConverterDef,
  type Sample,
  type SampleContext,
  SMP_F_MAY_CHANGE,
  SMP_OPT_FINAL,
  SMP_T_BIN,
  SMP_T_BOOL,
  SMP_T_STR,
} from './types.js';

function check(args: Arg[]): string {
  const [type, field] = args as [Arg, Arg];
  const number = mqttType(type.str);
  if (number === 0) return `Unknown MQTT type '${type.str}'`;
  const name = field.str.toLowerCase();
  if (!mqttFields(number).includes(name)) {
    return `Unknown MQTT field name '${field.str}' for packet type '${type.str}'`;
  }
  type.ready = number;
  field.ready = name;
  return '';
}

function waits(smp: Sample, ctx: SampleContext): false {
  if ((ctx.opt & SMP_OPT_FINAL) === 0) smp.flags |= SMP_F_MAY_CHANGE;
  return false;
}

export const CONVERTERS_MQTT: readonly ConverterDef[] = [
  {
    words: 'mqtt_is_valid',
    args: { kinds: [], min: 0 },
    inType: SMP_T_BIN,
    outType: SMP_T_BOOL,
    manual: '7.3.1',
    conv: (smp, _args, ctx) => {
      const packet = mqttRead(smp.str);
      return packet === 'short' ? waits(smp, ctx) : smpBool(smp, packet !== 'bad');
    },
  },
  {
    words: 'mqtt_field_value',
    args: { kinds: [ARG_STR, ARG_STR], min: 2 },
    inType: SMP_T_BIN,
    outType: SMP_T_STR, // so the reference says; what it makes is binary
    manual: '7.3.1',
    check,
    conv: (smp, args, ctx) => {
      const packet = mqttRead(smp.str);
      if (packet === 'short') return waits(smp, ctx);
      if (packet === 'bad' || packet.type !== args[0]!.ready) return false;
      const value = packet.fields.get(args[1]!.ready as string) ?? '';
      return value !== '' && smpBin(smp, value);
    },
  },
];
