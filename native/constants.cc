// What the system's headers say, for comparison with src/sys/constants.ts, errno.ts and types.ts when the addon is loaded.
#include "constants.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifdef __linux__
#include <sys/epoll.h>
#endif

#include "ctx.h"

namespace sluice {

namespace {

struct Constant {
  const char* name;
  int value;
};

#define C(name) {#name, name}
const Constant kTable[] = {
    C(AF_UNSPEC), C(AF_UNIX), C(AF_INET), C(AF_INET6), C(SOCK_STREAM), C(SOCK_DGRAM),
    C(SHUT_RD), C(SHUT_WR), C(SHUT_RDWR),
    C(SOL_SOCKET), C(SO_REUSEADDR), C(SO_TYPE), C(SO_SNDBUF), C(SO_RCVBUF), C(SO_KEEPALIVE), C(SO_LINGER),
#ifdef SO_REUSEPORT
    C(SO_REUSEPORT),
#endif
    C(SO_ACCEPTCONN),
    C(IPPROTO_IP), C(IPPROTO_TCP), C(IPPROTO_IPV6), C(IPV6_V6ONLY), C(TCP_NODELAY), C(TCP_MAXSEG),
    C(MSG_PEEK), C(MSG_TRUNC),
    {"SOCKADDR_MAX", kSockaddrMax},
    {"EVENT_STRIDE", kEventStride},
    {"SYS_POLL_IN", kPollIn}, {"SYS_POLL_OUT", kPollOut}, {"SYS_POLL_ERR", kPollErr}, {"SYS_POLL_HUP", kPollHup},
    {"SYS_POLL_RDHUP", kPollRdhup},
#ifdef __linux__
    C(SO_BINDTODEVICE), C(SO_MARK), C(IP_TRANSPARENT), C(IP_FREEBIND),
#ifdef IPV6_TRANSPARENT
    C(IPV6_TRANSPARENT),
#endif
    C(TCP_KEEPIDLE), C(TCP_KEEPINTVL), C(TCP_KEEPCNT), C(TCP_DEFER_ACCEPT), C(TCP_INFO), C(TCP_QUICKACK), C(TCP_USER_TIMEOUT),
    C(TCP_FASTOPEN),
#ifdef TCP_FASTOPEN_CONNECT
    C(TCP_FASTOPEN_CONNECT),
#endif
    C(MSG_MORE),
#endif
    C(EPERM), C(ENOENT), C(EINTR), C(EIO), C(EBADF), C(EAGAIN), C(ENOMEM), C(EACCES), C(EINVAL), C(ENFILE), C(EMFILE),
    C(EPIPE), C(ENOSYS), C(EPROTO), C(EOPNOTSUPP), C(EADDRINUSE), C(EADDRNOTAVAIL), C(ENETUNREACH), C(ECONNABORTED),
    C(ECONNRESET), C(ENOBUFS), C(EISCONN), C(ENOTCONN), C(ETIMEDOUT), C(ECONNREFUSED), C(EHOSTUNREACH), C(EALREADY),
    C(EINPROGRESS), C(ECANCELED),
};
#undef C

#ifdef __linux__
static_assert(kPollIn == EPOLLIN && kPollOut == EPOLLOUT && kPollErr == EPOLLERR && kPollHup == EPOLLHUP &&
                  kPollRdhup == EPOLLRDHUP,
              "SYS_POLL_* are epoll's values");
#endif
static_assert(sizeof(sockaddr_storage) <= kSockaddrMax, "an address does not fit its slot");

}  // namespace

Napi::Object Constants(Napi::Env env) {
  Napi::Object out = Napi::Object::New(env);
  for (const Constant& c : kTable) out.Set(c.name, Napi::Number::New(env, c.value));
  return out;
}

}  // namespace sluice
