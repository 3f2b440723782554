// Moving bytes: the hottest calls of all. Ranges of the arena, one compare for bounds; >= 0 bytes, or -errno.
#include <sys/socket.h>
#ifdef __linux__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "args.h"
#include "calls.h"

namespace sluice {

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0  // macOS: SIGPIPE is ignored for the whole process (addon.cc)
#endif

// glibc's own wrappers are cancellation points: in a process with threads each call pays for two atomic exchanges that nobody here
// needs. The plain call does not.
#if defined(__linux__) && defined(SYS_recvfrom) && defined(SYS_sendto)
inline ssize_t RawRecv(int fd, void* to, size_t len, int flags) {
  return ::syscall(SYS_recvfrom, fd, to, len, flags, nullptr, nullptr);
}
inline ssize_t RawSend(int fd, const void* from, size_t len, int flags) {
  return ::syscall(SYS_sendto, fd, from, len, flags, nullptr, 0);
}
#else
inline ssize_t RawRecv(int fd, void* to, size_t len, int flags) { return ::recv(fd, to, len, flags); }
inline ssize_t RawSend(int fd, const void* from, size_t len, int flags) { return ::send(fd, from, len, flags); }
#endif

// recv(fd, ofs, len, flags): > 0 bytes read, 0 end of input, -errno otherwise. The range is checked with MSG_TRUNC too: UNIX
// sockets fill it all the same.
napi_value Recv(napi_env env, napi_callback_info info) {
  Args<4> in(env, info);
  int32_t ofs = in.i32(1);
  int32_t len = in.i32(2);
  if (!in.ctx->has(ofs, len)) return in.result(-EFAULT);
  int fd = in.i32(0);
  int flags = in.i32(3);
  ssize_t got;
  do {
    got = RawRecv(fd, in.ctx->arena + ofs, static_cast<size_t>(len), flags | MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  return in.sysResult(got);
}

// send(fd, ofs, len, flags): bytes the kernel took, maybe fewer than asked.
napi_value Send(napi_env env, napi_callback_info info) {
  Args<4> in(env, info);
  int32_t ofs = in.i32(1);
  int32_t len = in.i32(2);
  if (!in.ctx->has(ofs, len)) return in.result(-EFAULT);
  int fd = in.i32(0);
  int flags = in.i32(3);
  ssize_t put;
  do {
    put = RawSend(fd, in.ctx->arena + ofs, static_cast<size_t>(len), flags | MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (put < 0 && errno == EINTR);
  return in.sysResult(put);
}

// sendto(fd, ofs, len, addrOfs, addrLen): one datagram; addrLen 0 for a connected socket.
napi_value Sendto(napi_env env, napi_callback_info info) {
  Args<5> in(env, info);
  int32_t ofs = in.i32(1);
  int32_t len = in.i32(2);
  int32_t addrOfs = in.i32(3);
  int32_t addrLen = in.i32(4);
  if (!in.ctx->has(ofs, len) || !in.ctx->has(addrOfs, addrLen)) return in.result(-EFAULT);
  int fd = in.i32(0);
  const sockaddr* to = addrLen == 0 ? nullptr : reinterpret_cast<const sockaddr*>(in.ctx->arena + addrOfs);
  ssize_t put;
  do {
    put = ::sendto(fd, in.ctx->arena + ofs, static_cast<size_t>(len), MSG_DONTWAIT | MSG_NOSIGNAL, to,
                   static_cast<socklen_t>(addrLen));
  } while (put < 0 && errno == EINTR);
  return in.sysResult(put);
}

}  // namespace sluice
