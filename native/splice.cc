// Pipes and splice(2): payload that stays in the kernel.
#include <fcntl.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#include "args.h"
#include "calls.h"
#include "fds.h"

namespace sluice {

// pipe(bytes): read end, write end and real size in ret[0..2]. A size the system refuses (F_SETPIPE_SZ: EPERM beyond the user's
// share, EINVAL) is no error: the pipe keeps the size it was born with.
napi_value Pipe(napi_env env, napi_callback_info info) {
  Args<1> in(env, info);
  int bytes = in.i32(0);
  int ends[2];
#ifdef __APPLE__
  if (::pipe(ends) < 0) return in.result(-errno);
  for (int end : ends) {
    int err = FdPrepare(end);
    if (err == 0) continue;
    ::close(ends[0]);
    ::close(ends[1]);
    return in.result(err);
  }
#else
  if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) < 0) return in.result(-errno);
#endif
  int size = 0;
#ifdef __linux__
  if (bytes > 0) size = ::fcntl(ends[1], F_SETPIPE_SZ, bytes);
  if (size <= 0) size = ::fcntl(ends[1], F_GETPIPE_SZ);
#else
  (void)bytes;
#endif
  in.ctx->fds.mark(ends[0], kFdOurs);
  in.ctx->fds.mark(ends[1], kFdOurs);
  in.ctx->ret[0] = ends[0];
  in.ctx->ret[1] = ends[1];
  in.ctx->ret[2] = size < 0 ? 0 : size;
  return in.result(0);
}

// splice(fdIn, fdOut, len, more): bytes moved, 0 end of input, -errno. A destination whose reader is gone raises SIGPIPE, and no
// flag prevents that: the addon sees to it that the signal is ignored.
napi_value Splice(napi_env env, napi_callback_info info) {
  Args<4> in(env, info);
#ifdef __linux__
  int from = in.i32(0);
  int to = in.i32(1);
  int32_t len = in.i32(2);
  if (len < 0) return in.result(-EINVAL);
  unsigned flags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK | (in.i32(3) == 1 ? SPLICE_F_MORE : 0);
  ssize_t moved;
  do {
    moved = ::syscall(SYS_splice, from, nullptr, to, nullptr, static_cast<size_t>(len), flags);  // no cancellation point
  } while (moved < 0 && errno == EINTR);
  return in.sysResult(moved);
#else
  return in.result(-ENOSYS);
#endif
}

}  // namespace sluice
