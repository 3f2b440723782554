// What one open transport owns: its arena, poll set, shared words, descriptors and its place in the host loop. There are no
// globals: contexts hang on the environment's instance data, so each worker thread has its own, and every exported function
// carries its context as callback data.
#ifndef SLUICE_CTX_H_
#define SLUICE_CTX_H_

#include <errno.h>
#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

#include <vector>

namespace sluice {

constexpr int kEventsMax = 512;    // events one poll may bring
constexpr int kEventStride = 3;    // Int32 words an event: mask, fd, generation (EVENT_* of src/sys/types.ts)
constexpr int kRetWords = 8;       // small results of cold calls
constexpr int kSockaddrMax = 128;  // bytes a caller reserves for one address (SOCKADDR_MAX)

// Poll events as src/sys/types.ts has them (SYS_POLL_*), which are epoll's own values.
constexpr int32_t kPollIn = 0x0001;
constexpr int32_t kPollOut = 0x0004;
constexpr int32_t kPollErr = 0x0008;
constexpr int32_t kPollHup = 0x0010;
constexpr int32_t kPollRdhup = 0x2000;

// What a descriptor number is to a context (`Fds`).
constexpr uint8_t kFdForeign = 0;  // not ours, or given away
constexpr uint8_t kFdOurs = 1;     // made here; nobody else refers to its open file
constexpr uint8_t kFdShared = 2;   // adopted: another process may hold the same open file

// The descriptors that die with the context. A worker thread may be terminated between any two calls; without this table
// its listening sockets would stay open in the process, and the kernel would go on giving them connections.
class Fds {
 public:
  void mark(int fd, uint8_t kind);
  // Forgets `fd` and tells what it was.
  uint8_t take(int fd) {
    if (static_cast<size_t>(fd) >= kinds_.size()) return kFdForeign;
    uint8_t kind = kinds_[static_cast<size_t>(fd)];
    kinds_[static_cast<size_t>(fd)] = kFdForeign;
    return kind;
  }
  void closeAll();

 private:
  std::vector<uint8_t> kinds_;
};

struct Host;

struct Ctx {
  napi_env env = nullptr;
  uint8_t* arena = nullptr;
  uint64_t arenaBytes = 0;         // 0 once destroyed: every range is then out of bounds
  napi_ref arenaRef = nullptr;     // keeps the mapping while calls may use it
  int32_t* events = nullptr;       // kEventsMax * kEventStride words
  napi_ref eventsRef = nullptr;
  int32_t* ret = nullptr;          // kRetWords words
  napi_ref retRef = nullptr;
  int pollFd = -1;                 // epoll or kqueue
  int hostFd = -1;                 // libuv's backend descriptor; not ours to close
  Host* host = nullptr;            // set between hostStart and hostStop
  Fds fds;

  // True when arena [ofs, ofs+len) exists. Negative values become large ones and fail as well.
  bool has(int32_t ofs, int32_t len) const {
    return static_cast<uint64_t>(static_cast<uint32_t>(ofs)) + static_cast<uint32_t>(len) <= arenaBytes;
  }
};

// arena.cc — maps the arena and makes its ArrayBuffer. 0 or -errno.
int ArenaOpen(Ctx* ctx, uint64_t bytes, napi_value* out);
void ArenaClose(Ctx* ctx);

// epoll.cc, kqueue.cc
int PollerOpen(Ctx* ctx);
void PollerClose(Ctx* ctx);
int PollerAddHost(Ctx* ctx);
void PollerDelHost(Ctx* ctx);
void PollerForget(Ctx* ctx, int fd);

// loop.cc
int HostFdOf(napi_env env);
void HostClose(Ctx* ctx);

// Gives back all that the context holds; the shell stays until the environment ends, so that late calls find it closed.
void CtxClose(Ctx* ctx, bool envEnds);

}  // namespace sluice

#endif  // SLUICE_CTX_H_
