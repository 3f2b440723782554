// Every sample fetch of the configuration manual as it heads its paragraph: `word(arguments):type`. What no table of ours
// has is known to the reference and comes later. `sluice doc` reads this too.

export interface ManualSection {
  /** Section of the configuration manual. */
  readonly manual: string;
  /** Entries between blanks. */
  readonly entries: string;
}

export const MANUAL_FETCHES: readonly ManualSection[] = [
  {
    manual: '7.3.2',
    entries: `
  always_false:bool always_true:bool avg_queue([<backend>]):int be_conn([<backend>]):int
  be_conn_free([<backend>]):int be_sess_rate([<backend>]):int bin(<hex>):bin bool(<bool>):bool
  connslots([<backend>]):int cpu_calls:int cpu_ns_avg:int cpu_ns_tot:int date([<offset>],[<unit>]):int date_us:int
  env(<name>):str fe_conn([<frontend>]):int fe_req_rate([<frontend>]):int fe_sess_rate([<frontend>]):int
  hostname:str int(<integer>):int ipv4(<ipv4>):ipv4 ipv6(<ipv6>):ipv6 last_rule_file:str last_rule_line:int
  lat_ns_avg:int lat_ns_tot:int meth(<method>):meth nbsrv([<backend>]):int prio_class:int prio_offset:int proc:int
  queue([<backend>]):int rand([<range>]):int srv_conn([<backend>/]<server>):int
  srv_conn_free([<backend>/]<server>):int srv_is_up([<backend>/]<server>):bool srv_queue([<backend>/]<server>):int
  srv_sess_rate([<backend>/]<server>):int srv_iweight([<backend>/]<server>):int
  srv_uweight([<backend>/]<server>):int srv_weight([<backend>/]<server>):int stopping:bool str(<string>):str
  table_avl([<table>]):int table_cnt([<table>]):int thread:int uuid([<version>]):str
  var(<var-name>[,<default>]):any nbproc:int
`,
  },
  {
    manual: '7.3.3',
    entries: `
  bc_dst:ip bc_dst_port:int bc_err:int bc_err_str:str bc_http_major:int bc_src:ip bc_src_port:int be_id:int
  be_name:str be_server_timeout:int be_tunnel_timeout:int cur_server_timeout:int cur_tunnel_timeout:int dst:ip
  dst_conn:int dst_is_local:bool dst_port:int fc_dst:ip fc_dst_is_local:bool fc_dst_port:int fc_err:int
  fc_err_str:str fc_fackets:int fc_http_major:int fc_lost:int fc_pp_authority:str fc_pp_unique_id:str
  fc_rcvd_proxy:bool fc_reordering:int fc_retrans:int fc_rtt(<unit>):int fc_rttvar(<unit>):int fc_sacked:int
  fc_src:ip fc_src_is_local:bool fc_src_port:int fc_unacked:int fe_defbe:str fe_id:int fe_name:str
  fe_client_timeout:int sc_bytes_in_rate(<ctr>[,<table>]):int sc0_bytes_in_rate([<table>]):int
  sc1_bytes_in_rate([<table>]):int sc2_bytes_in_rate([<table>]):int sc_bytes_out_rate(<ctr>[,<table>]):int
  sc0_bytes_out_rate([<table>]):int sc1_bytes_out_rate([<table>]):int sc2_bytes_out_rate([<table>]):int
  sc_clr_gpc(<idx>,<ctr>[,<table>]):int sc_clr_gpc0(<ctr>[,<table>]):int sc0_clr_gpc0([<table>]):int
  sc1_clr_gpc0([<table>]):int sc2_clr_gpc0([<table>]):int sc_clr_gpc1(<ctr>[,<table>]):int
  sc0_clr_gpc1([<table>]):int sc1_clr_gpc1([<table>]):int sc2_clr_gpc1([<table>]):int
  sc_conn_cnt(<ctr>[,<table>]):int sc0_conn_cnt([<table>]):int sc1_conn_cnt([<table>]):int
  sc2_conn_cnt([<table>]):int sc_conn_cur(<ctr>[,<table>]):int sc0_conn_cur([<table>]):int
  sc1_conn_cur([<table>]):int sc2_conn_cur([<table>]):int sc_conn_rate(<ctr>[,<table>]):int
  sc0_conn_rate([<table>]):int sc1_conn_rate([<table>]):int sc2_conn_rate([<table>]):int
  sc_get_gpc(<idx>,<ctr>[,<table>]):int sc_get_gpc0(<ctr>[,<table>]):int sc0_get_gpc0([<table>]):int
  sc1_get_gpc0([<table>]):int sc2_get_gpc0([<table>]):int sc_get_gpc1(<ctr>[,<table>]):int
  sc0_get_gpc1([<table>]):int sc1_get_gpc1([<table>]):int sc2_get_gpc1([<table>]):int
  sc_get_gpt(<idx>,<ctr>[,<table>]):int sc_get_gpt0(<ctr>[,<table>]):int sc0_get_gpt0([<table>]):int
  sc1_get_gpt0([<table>]):int sc2_get_gpt0([<table>]):int sc_gpc_rate(<idx>,<ctr>[,<table>]):int
  sc_gpc0_rate(<ctr>[,<table>]):int sc0_gpc0_rate([<table>]):int sc1_gpc0_rate([<table>]):int
  sc2_gpc0_rate([<table>]):int sc_gpc1_rate(<ctr>[,<table>]):int sc0_gpc1_rate([<table>]):int
  sc1_gpc1_rate([<table>]):int sc2_gpc1_rate([<table>]):int sc_http_err_cnt(<ctr>[,<table>]):int
  sc0_http_err_cnt([<table>]):int sc1_http_err_cnt([<table>]):int sc2_http_err_cnt([<table>]):int
  sc_http_err_rate(<ctr>[,<table>]):int sc0_http_err_rate([<table>]):int sc1_http_err_rate([<table>]):int
  sc2_http_err_rate([<table>]):int sc_http_fail_cnt(<ctr>[,<table>]):int sc0_http_fail_cnt([<table>]):int
  sc1_http_fail_cnt([<table>]):int sc2_http_fail_cnt([<table>]):int sc_http_fail_rate(<ctr>[,<table>]):int
  sc0_http_fail_rate([<table>]):int sc1_http_fail_rate([<table>]):int sc2_http_fail_rate([<table>]):int
  sc_http_req_cnt(<ctr>[,<table>]):int sc0_http_req_cnt([<table>]):int sc1_http_req_cnt([<table>]):int
  sc2_http_req_cnt([<table>]):int sc_http_req_rate(<ctr>[,<table>]):int sc0_http_req_rate([<table>]):int
  sc1_http_req_rate([<table>]):int sc2_http_req_rate([<table>]):int sc_inc_gpc(<idx>,<ctr>[,<table>]):int
  sc_inc_gpc0(<ctr>[,<table>]):int sc0_inc_gpc0([<table>]):int sc1_inc_gpc0([<table>]):int
  sc2_inc_gpc0([<table>]):int sc_inc_gpc1(<ctr>[,<table>]):int sc0_inc_gpc1([<table>]):int
  sc1_inc_gpc1([<table>]):int sc2_inc_gpc1([<table>]):int sc_kbytes_in(<ctr>[,<table>]):int
  sc0_kbytes_in([<table>]):int sc1_kbytes_in([<table>]):int sc2_kbytes_in([<table>]):int
  sc_kbytes_out(<ctr>[,<table>]):int sc0_kbytes_out([<table>]):int sc1_kbytes_out([<table>]):int
  sc2_kbytes_out([<table>]):int sc_sess_cnt(<ctr>[,<table>]):int sc0_sess_cnt([<table>]):int
  sc1_sess_cnt([<table>]):int sc2_sess_cnt([<table>]):int sc_sess_rate(<ctr>[,<table>]):int
  sc0_sess_rate([<table>]):int sc1_sess_rate([<table>]):int sc2_sess_rate([<table>]):int
  sc_tracked(<ctr>[,<table>]):bool sc0_tracked([<table>]):bool sc1_tracked([<table>]):bool
  sc2_tracked([<table>]):bool sc_trackers(<ctr>[,<table>]):int sc0_trackers([<table>]):int
  sc1_trackers([<table>]):int sc2_trackers([<table>]):int so_id:int so_name:str src:ip
  src_bytes_in_rate([<table>]):int src_bytes_out_rate([<table>]):int src_clr_gpc(<idx>,[<table>]):int
  src_clr_gpc0([<table>]):int src_clr_gpc1([<table>]):int src_conn_cnt([<table>]):int src_conn_cur([<table>]):int
  src_conn_rate([<table>]):int src_get_gpc(<idx>,[<table>]):int src_get_gpc0([<table>]):int
  src_get_gpc1([<table>]):int src_get_gpt(<idx>[,<table>]):int src_get_gpt0([<table>]):int
  src_gpc_rate(<idx>[,<table>]):int src_gpc0_rate([<table>]):int src_gpc1_rate([<table>]):int
  src_http_err_cnt([<table>]):int src_http_err_rate([<table>]):int src_http_fail_cnt([<table>]):int
  src_http_fail_rate([<table>]):int src_http_req_cnt([<table>]):int src_http_req_rate([<table>]):int
  src_inc_gpc(<idx>,[<table>]):int src_inc_gpc0([<table>]):int src_inc_gpc1([<table>]):int src_is_local:bool
  src_kbytes_in([<table>]):int src_kbytes_out([<table>]):int src_port:int src_sess_cnt([<table>]):int
  src_sess_rate([<table>]):int src_updt_conn_cnt([<table>]):int srv_id:int srv_name:str sc1_clr_gpc([<table>]):int
`,
  },
  {
    manual: '7.3.4',
    entries: `
  51d.all(<prop>[,<prop>*]):str ssl_bc:bool ssl_bc_alg_keysize:int ssl_bc_alpn:str ssl_bc_cipher:str
  ssl_bc_client_random:bin ssl_bc_err:int ssl_bc_err_str:str ssl_bc_is_resumed:bool ssl_bc_npn:str
  ssl_bc_protocol:str ssl_bc_unique_id:bin ssl_bc_server_random:bin ssl_bc_session_id:bin ssl_bc_session_key:bin
  ssl_bc_use_keysize:int ssl_c_ca_err:int ssl_c_ca_err_depth:int ssl_c_chain_der:bin ssl_c_der:bin ssl_c_err:int
  ssl_c_i_dn([<entry>[,<occ>[,<format>]]]):str ssl_c_key_alg:str ssl_c_notafter:str ssl_c_notbefore:str
  ssl_c_s_dn([<entry>[,<occ>[,<format>]]]):str ssl_c_serial:bin ssl_c_sha1:bin ssl_c_sig_alg:str ssl_c_used:bool
  ssl_c_verify:int ssl_c_version:int ssl_f_der:bin ssl_f_i_dn([<entry>[,<occ>[,<format>]]]):str ssl_f_key_alg:str
  ssl_f_notafter:str ssl_f_notbefore:str ssl_f_s_dn([<entry>[,<occ>[,<format>]]]):str ssl_f_serial:bin
  ssl_f_sha1:bin ssl_f_sig_alg:str ssl_f_version:int ssl_fc:bool ssl_fc_alg_keysize:int ssl_fc_alpn:str
  ssl_fc_cipher:str ssl_fc_cipherlist_bin([<filter_option>]):bin ssl_fc_cipherlist_hex([<filter_option>]):str
  ssl_fc_cipherlist_str([<filter_option>]):str ssl_fc_cipherlist_xxh:int ssl_fc_ecformats_bin:bin
  ssl_fc_eclist_bin([<filter_option>]):bin ssl_fc_extlist_bin([<filter_option>]):bin ssl_fc_client_random:bin
  ssl_fc_client_early_traffic_secret:str ssl_fc_client_handshake_traffic_secret:str
  ssl_fc_client_traffic_secret_0:str ssl_fc_exporter_secret:str ssl_fc_early_exporter_secret:str ssl_fc_err:int
  ssl_fc_err_str:str ssl_fc_has_crt:bool ssl_fc_has_early:bool ssl_fc_has_sni:bool ssl_fc_is_resumed:bool
  ssl_fc_npn:str ssl_fc_protocol:str ssl_fc_protocol_hello_id:int ssl_fc_unique_id:bin
  ssl_fc_server_handshake_traffic_secret:str ssl_fc_server_traffic_secret_0:str ssl_fc_server_random:bin
  ssl_fc_session_id:bin ssl_fc_session_key:bin ssl_fc_sni:str ssl_fc_use_keysize:int ssl_s_der:bin
  ssl_s_chain_der:bin ssl_s_key_alg:str ssl_s_notafter:str ssl_s_notbefore:str
  ssl_s_i_dn([<entry>[,<occ>[,<format>]]]):str ssl_s_s_dn([<entry>[,<occ>[,<format>]]]):str ssl_s_serial:bin
  ssl_s_sha1:bin ssl_s_sig_alg:str ssl_s_version:int
`,
  },
  {
    manual: '7.3.5',
    entries: `
  distcc_body(<token>[,<occ>]):bin distcc_param(<token>[,<occ>]):int payload(<offset>,<length>):bin
  payload_lv(<offset1>,<length>[,<offset2>]):bin req.len:int req_len:int req.payload(<offset>,<length>):bin
  req.payload_lv(<offset1>,<length>[,<offset2>]):bin req.proto_http:bool req_proto_http:bool
  req.rdp_cookie([<name>]):str rdp_cookie([<name>]):str req.rdp_cookie_cnt([name]):int rdp_cookie_cnt([name]):int
  req.ssl_alpn:str req.ssl_ec_ext:bool req.ssl_hello_type:int req_ssl_hello_type:int req.ssl_sni:str
  req_ssl_sni:str req.ssl_st_ext:int req.ssl_ver:int req_ssl_ver:int res.len:int
  res.payload(<offset>,<length>):bin res.payload_lv(<offset1>,<length>[,<offset2>]):bin res.ssl_hello_type:int
  rep_ssl_hello_type:int wait_end:bool
`,
  },
  {
    manual: '7.3.6',
    entries: `
  base:str base32:int base32+src:bin baseq:str capture.req.hdr(<idx>):str capture.req.method:str
  capture.req.uri:str capture.req.ver:str capture.res.hdr(<idx>):str capture.res.ver:str req.body:bin
  req.body_param([<name>):str req.body_len:int req.body_size:int req.cook([<name>]):str cook([<name>]):str
  req.cook_cnt([<name>]):int cook_cnt([<name>]):int req.cook_val([<name>]):int cook_val([<name>]):int
  cookie([<name>]):str hdr([<name>[,<occ>]]):str req.fhdr(<name>[,<occ>]):str req.fhdr_cnt([<name>]):int
  req.hdr([<name>[,<occ>]]):str req.hdr_cnt([<name>]):int hdr_cnt([<header>]):int req.hdr_ip([<name>[,<occ>]]):ip
  hdr_ip([<name>[,<occ>]]):ip req.hdr_val([<name>[,<occ>]]):int hdr_val([<name>[,<occ>]]):int req.hdrs:str
  req.hdrs_bin:bin http_auth(<userlist>):bool http_auth_bearer([<header>]):str http_auth_group(<userlist>):str
  http_auth_pass:str http_auth_type:str http_auth_user:str http_first_req:bool method:int path:str
  pathq:str query:str req.hdr_names([<delim>]):str req.ver:str req_ver:str res.body:bin res.body_len:int
  res.body_size:int res.cache_hit:bool res.cache_name:str res.comp:bool res.comp_algo:str res.cook([<name>]):str
  scook([<name>]):str res.cook_cnt([<name>]):int scook_cnt([<name>]):int res.cook_val([<name>]):int
  scook_val([<name>]):int res.fhdr([<name>[,<occ>]]):str res.fhdr_cnt([<name>]):int res.hdr([<name>[,<occ>]]):str
  shdr([<name>[,<occ>]]):str res.hdr_cnt([<name>]):int shdr_cnt([<name>]):int res.hdr_ip([<name>[,<occ>]]):ip
  shdr_ip([<name>[,<occ>]]):ip res.hdr_names([<delim>]):str res.hdr_val([<name>[,<occ>]]):int
  shdr_val([<name>[,<occ>]]):int res.hdrs:str res.hdrs_bin:bin res.ver:str resp_ver:str set-cookie([<name>]):str
  status:int unique-id:str url:str url_ip:ip url_port:int urlp([<name>[,<delim>]]):str
  url_param([<name>[,<delim>]]):str urlp_val([<name>[,<delim>]]):int url32:int url32+src:bin fcgi.docroot:str
  fcgi.index:str
`,
  },
  {
    manual: '7.3.7',
    entries: `
  internal.htx.data:int internal.htx.free:int internal.htx.free_data:int internal.htx.has_eom:bool
  internal.htx.nbblks:int internal.htx.size:int internal.htx.used:int internal.htx_blk.size(<idx>):int
  internal.htx_blk.type(<idx>):str internal.htx_blk.data(<idx>):bin internal.htx_blk.hdrname(<idx>):str
  internal.htx_blk.hdrval(<idx>):str internal.htx_blk.start_line(<idx>):str internal.strm.is_htx:bool
`,
  },
];
