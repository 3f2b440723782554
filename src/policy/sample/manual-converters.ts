// Every converter of the configuration manual (7.3.1) as it heads its paragraph. What no table of ours has comes later.
import type { ManualSection } from './manual-fetches.js';

export const MANUAL_CONVERTERS: readonly ManualSection[] = [
  {
    manual: '7.3.1',
    entries: `
  51d.single(<prop>[,<prop>*]) add(<value>) add_item(<delim>,[<var>][,<suff>]])
  aes_gcm_dec(<bits>,<nonce>,<key>,<aead_tag>) and(<value>) b64dec base64
  be2dec(<separator>,<chunk_size>,[<truncate>]) be2hex([<separator>],[<chunk_size>],[<truncate>]) bool
  bytes(<offset>[,<length>]) concat([<start>],[<var>],[<end>]) cpl crc32([<avalanche>]) crc32c([<avalanche>])
  cut_crlf da-csv-conv(<prop>[,<prop>*]) debug([<prefix][,<destination>]) digest(<algorithm>) div(<value>)
  djb2([<avalanche>]) even field(<index>,<delimiters>[,<count>]) fix_is_valid fix_tag_value(<tag>) hex hex2i htonl
  hmac(<algorithm>,<key>) host_only http_date([<offset],[<unit>]) iif(<true>,<false>) in_table(<table>)
  ipmask(<mask4>,[<mask6>]) json([<input-code>]) json_query(<json_path>,[<output_type>])
  jwt_header_query([<json_path>],[<output_type>]) jwt_payload_query([<json_path>],[<output_type>])
  jwt_verify(<alg>,<key>) language(<value>[,<default>]) length lower ltime(<format>[,<offset>]) ltrim(<chars>)
  map(<map_file>[,<default_value>]) mod(<value>) mqtt_field_value(<packettype>,<fieldname_or_property_ID>)
  mqtt_is_valid mul(<value>) nbsrv neg not odd or(<value>) port_only protobuf(<field_number>,[<field_type>])
  regsub(<regex>,<subst>[,<flags>]) capture-req(<id>) capture-res(<id>) rtrim(<chars>) sdbm([<avalanche>])
  secure_memcmp(<var>) set-var(<var>[,<cond>...]) sha1 sha2([<bits>]) srv_queue strcmp(<var>) sub(<value>)
  table_bytes_in_rate(<table>) table_bytes_out_rate(<table>) table_conn_cnt(<table>) table_conn_cur(<table>)
  table_conn_rate(<table>) table_expire(<table>[,<default_value>]) table_gpt(<idx>,<table>) table_gpt0(<table>)
  table_gpc(<idx>,<table>) table_gpc_rate(<idx>,<table>) table_gpc0(<table>) table_gpc0_rate(<table>)
  table_gpc1(<table>) table_gpc1_rate(<table>) table_http_err_cnt(<table>) table_http_err_rate(<table>)
  table_http_fail_cnt(<table>) table_http_fail_rate(<table>) table_http_req_cnt(<table>)
  table_http_req_rate(<table>) table_idle(<table>[,<default_value>]) table_kbytes_in(<table>)
  table_kbytes_out(<table>) table_server_id(<table>) table_sess_cnt(<table>) table_sess_rate(<table>)
  table_trackers(<table>) ub64dec ub64enc upper url_dec([<in_form>]) url_enc([<enc_type>])
  ungrpc(<field_number>,[<field_type>]) unset-var(<var>) utime(<format>[,<offset>])
  word(<index>,<delimiters>[,<count>]) wt6([<avalanche>]) xor(<value>) xxh3([<seed>]) xxh32([<seed>])
  xxh64([<seed>]) map_beg(<map_file>[,<default_value>]) map_beg_int(<map_file>[,<default_value>])
  map_beg_ip(<map_file>[,<default_value>]) map_dir(<map_file>[,<default_value>])
  map_dir_int(<map_file>[,<default_value>]) map_dir_ip(<map_file>[,<default_value>])
  map_dom(<map_file>[,<default_value>]) map_dom_int(<map_file>[,<default_value>])
  map_dom_ip(<map_file>[,<default_value>]) map_end(<map_file>[,<default_value>])
  map_end_int(<map_file>[,<default_value>]) map_end_ip(<map_file>[,<default_value>])
  map_int(<map_file>[,<default_value>]) map_int_int(<map_file>[,<default_value>])
  map_int_ip(<map_file>[,<default_value>]) map_ip(<map_file>[,<default_value>])
  map_ip_int(<map_file>[,<default_value>]) map_ip_ip(<map_file>[,<default_value>])
  map_reg(<map_file>[,<default_value>]) map_reg_int(<map_file>[,<default_value>])
  map_reg_ip(<map_file>[,<default_value>]) map_regm(<map_file>[,<default_value>])
  map_str(<map_file>[,<default_value>]) map_str_int(<map_file>[,<default_value>])
  map_str_ip(<map_file>[,<default_value>]) map_sub(<map_file>[,<default_value>])
  map_sub_int(<map_file>[,<default_value>]) map_sub_ip(<map_file>[,<default_value>])
`,
  },
];
