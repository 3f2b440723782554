// Every function that a context exports; addon.cc has the table, src/sys/native.ts the types.
#ifndef SLUICE_CALLS_H_
#define SLUICE_CALLS_H_

#include <node_api.h>

namespace sluice {

#define SLUICE_CALL(name) napi_value name(napi_env env, napi_callback_info info)

// arena.cc
SLUICE_CALL(Discard);
// sock.cc
SLUICE_CALL(Socket);
SLUICE_CALL(Bind);
SLUICE_CALL(Listen);
SLUICE_CALL(Accept);
SLUICE_CALL(Connect);
SLUICE_CALL(Shutdown);
SLUICE_CALL(Close);
SLUICE_CALL(Setsockopt);
SLUICE_CALL(SetsockoptBytes);
SLUICE_CALL(Getsockopt);
SLUICE_CALL(GetsockoptBytes);
SLUICE_CALL(SockError);
SLUICE_CALL(Getsockname);
SLUICE_CALL(Getpeername);
SLUICE_CALL(Adopt);
SLUICE_CALL(Disown);
// sock_io.cc
SLUICE_CALL(Recv);
SLUICE_CALL(Send);
SLUICE_CALL(Sendto);
// splice.cc
SLUICE_CALL(Pipe);
SLUICE_CALL(Splice);
// epoll.cc, kqueue.cc
SLUICE_CALL(PollAdd);
SLUICE_CALL(PollDel);
SLUICE_CALL(Poll);
// wake.cc
SLUICE_CALL(WakeFd);
SLUICE_CALL(Wake);
// loop.cc
SLUICE_CALL(Now);
SLUICE_CALL(Pause);
SLUICE_CALL(HostStart);
SLUICE_CALL(HostStop);
SLUICE_CALL(HostTimeout);

#undef SLUICE_CALL

}  // namespace sluice

#endif  // SLUICE_CALLS_H_
