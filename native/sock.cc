// The life of a socket: made, bound, listening, accepted, connected, asked, shut, closed. Addresses are the platform's
// `struct sockaddr` bytes in the arena. Every descriptor leaves here O_NONBLOCK and close-on-exec.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "args.h"
#include "calls.h"
#include "fds.h"

namespace sluice {

namespace {

sockaddr* AddrAt(Ctx* ctx, int32_t ofs) { return reinterpret_cast<sockaddr*>(ctx->arena + ofs); }

#ifndef SOCK_NONBLOCK
// Sets the flags after birth, where the system cannot set them at birth. The fd, or -errno with the fd closed.
int Prepared(int fd) {
  int err = FdPrepare(fd);
  if (err < 0) ::close(fd);
  return err < 0 ? err : fd;
}
#endif

using AddrCall = int (*)(int, sockaddr*, socklen_t*);

// The whole slot is written: what the kernel leaves out (unnamed UNIX peers) reads as zero.
napi_value AddrOf(napi_env env, napi_callback_info info, AddrCall call) {
  Args<2> in(env, info);
  int32_t ofs = in.i32(1);
  if (!in.ctx->has(ofs, kSockaddrMax)) return in.result(-EFAULT);
  std::memset(in.ctx->arena + ofs, 0, kSockaddrMax);
  socklen_t len = kSockaddrMax;
  if (call(in.i32(0), AddrAt(in.ctx, ofs), &len) < 0) return in.result(-errno);
  return in.result(static_cast<int32_t>(len < kSockaddrMax ? len : kSockaddrMax));
}

}  // namespace

// socket(family, type): fd
napi_value Socket(napi_env env, napi_callback_info info) {
  Args<2> in(env, info);
#ifdef SOCK_NONBLOCK
  int fd = ::socket(in.i32(0), in.i32(1) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return in.result(-errno);
#else
  int fd = ::socket(in.i32(0), in.i32(1), 0);
  if (fd < 0) return in.result(-errno);
  fd = Prepared(fd);
  if (fd < 0) return in.result(fd);
#endif
  in.ctx->fds.mark(fd, kFdOurs);
  return in.result(fd);
}

// bind(fd, addrOfs, addrLen)
napi_value Bind(napi_env env, napi_callback_info info) {
  Args<3> in(env, info);
  int32_t ofs = in.i32(1);
  int32_t len = in.i32(2);
  if (!in.ctx->has(ofs, len)) return in.result(-EFAULT);
  return in.sysResult(::bind(in.i32(0), AddrAt(in.ctx, ofs), static_cast<socklen_t>(len)));
}

// listen(fd, backlog)
napi_value Listen(napi_env env, napi_callback_info info) {
  Args<2> in(env, info);
  return in.sysResult(::listen(in.i32(0), in.i32(1)));
}

// accept(fd, addrOfs): fd, the peer's address at addrOfs; -EAGAIN when none waits
napi_value Accept(napi_env env, napi_callback_info info) {
  Args<2> in(env, info);
  int32_t ofs = in.i32(1);
  if (!in.ctx->has(ofs, kSockaddrMax)) return in.result(-EFAULT);
  int listener = in.i32(0);
  std::memset(in.ctx->arena + ofs, 0, kSockaddrMax);
  int fd;
  do {
    socklen_t len = kSockaddrMax;
#ifdef SOCK_NONBLOCK
    fd = ::accept4(listener, AddrAt(in.ctx, ofs), &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    fd = ::accept(listener, AddrAt(in.ctx, ofs), &len);
#endif
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return in.result(-errno);
#ifndef SOCK_NONBLOCK
  fd = Prepared(fd);
  if (fd < 0) return in.result(fd);
#endif
  in.ctx->fds.mark(fd, kFdOurs);
  return in.result(fd);
}

// connect(fd, addrOfs, addrLen): 0, -EINPROGRESS, or another -errno. Interrupted: it goes on in the background, as POSIX says.
napi_value Connect(napi_env env, napi_callback_info info) {
  Args<3> in(env, info);
  int32_t ofs = in.i32(1);
  int32_t len = in.i32(2);
  if (!in.ctx->has(ofs, len)) return in.result(-EFAULT);
  if (::connect(in.i32(0), AddrAt(in.ctx, ofs), static_cast<socklen_t>(len)) == 0) return in.result(0);
  return in.result(errno == EINTR ? -EINPROGRESS : -errno);
}

// shutdown(fd, how)
napi_value Shutdown(napi_env env, napi_callback_info info) {
  Args<2> in(env, info);
  return in.sysResult(::shutdown(in.i32(0), in.i32(1)));
}

// close(fd): also `closeRaw`. The last reference to an open file leaves the poll set by itself; a shared one is taken out first,
// or events of the other holder's file would go on arriving here.
napi_value Close(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  int fd = in.i32(0);
  if (in.ctx->fds.take(fd) == kFdShared) PollerForget(in.ctx, fd);
  if (::close(fd) == 0 || errno == EINTR) return in.result(0);  // interrupted or not, the number is free again
  return in.result(-errno);
}

// setsockopt(fd, level, name, value)
napi_value Setsockopt(napi_env env, napi_callback_info info) {
  Args<4> in(env, info);
  int value = in.i32(3);
  return in.sysResult(::setsockopt(in.i32(0), in.i32(1), in.i32(2), &value, sizeof value));
}

// setsockoptBytes(fd, level, name, ofs, len)
napi_value SetsockoptBytes(napi_env env, napi_callback_info info) {
  Args<5> in(env, info);
  int32_t ofs = in.i32(3);
  int32_t len = in.i32(4);
  if (!in.ctx->has(ofs, len)) return in.result(-EFAULT);
  return in.sysResult(
      ::setsockopt(in.i32(0), in.i32(1), in.i32(2), in.ctx->arena + ofs, static_cast<socklen_t>(len)));
}

// getsockopt(fd, level, name): integer options only
napi_value Getsockopt(napi_env env, napi_callback_info info) {
  Args<3> in(env, info);
  int value = 0;
  socklen_t len = sizeof value;
  if (::getsockopt(in.i32(0), in.i32(1), in.i32(2), &value, &len) < 0) return in.result(-errno);
  return in.result(value);
}

// getsockoptBytes(fd, level, name, ofs, len): bytes written
napi_value GetsockoptBytes(napi_env env, napi_callback_info info) {
  Args<5> in(env, info);
  int32_t ofs = in.i32(3);
  int32_t len = in.i32(4);
  if (!in.ctx->has(ofs, len)) return in.result(-EFAULT);
  socklen_t got = static_cast<socklen_t>(len);
  if (::getsockopt(in.i32(0), in.i32(1), in.i32(2), in.ctx->arena + ofs, &got) < 0) return in.result(-errno);
  return in.result(static_cast<int32_t>(got));
}

// sockError(fd): the pending error as a positive number, 0 for none; asking clears it
napi_value SockError(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  int value = 0;
  socklen_t len = sizeof value;
  if (::getsockopt(in.i32(0), SOL_SOCKET, SO_ERROR, &value, &len) < 0) return in.result(-errno);
  return in.result(value);
}

// getsockname(fd, ofs): length of the address
napi_value Getsockname(napi_env env, napi_callback_info info) {
  return AddrOf(env, info, [](int fd, sockaddr* at, socklen_t* len) { return ::getsockname(fd, at, len); });
}

// getpeername(fd, ofs): length of the address
napi_value Getpeername(napi_env env, napi_callback_info info) {
  return AddrOf(env, info, [](int fd, sockaddr* at, socklen_t* len) { return ::getpeername(fd, at, len); });
}

// adopt(fd): an inherited descriptor becomes ours
napi_value Adopt(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  int fd = in.i32(0);
  int err = FdPrepare(fd);
  if (err < 0) return in.result(err);
  in.ctx->fds.mark(fd, kFdShared);
  return in.result(fd);
}

// disown(fd): somebody else closes it (the ring, another process): it no longer dies with the context
napi_value Disown(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  in.ctx->fds.take(in.i32(0));
  return in.result(0);
}

}  // namespace sluice
