// io_uring, the kernel's side of it: probing, setting a ring up, mapping it, registering a ring of receive buffers, and
// entering. The rings and the submission entries are handed to TypeScript as ArrayBuffers over the kernel's own pages;
// TypeScript writes the entries and reads the completions (src/sys/uring/ring.ts), so `enter` is the only hot call here.
//
// State: one `Ring` for each `uringSetup`, counted by what JavaScript holds of it (buffers, functions) and freed with the
// last of them. No globals; a worker thread has its own. The ring's descriptor is closed by `close()`, at the latest when
// the environment ends: a mapping may outlive it, a kernel operation may not.
#include "uring.h"

#include <cerrno>
#include <cstdint>

#ifdef __linux__
#include <linux/time_types.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

// The system's <linux/io_uring.h> may be older than the kernel that runs, or absent: the few shapes used are stated here.
namespace {

constexpr int kSetup = 425;     // __NR_io_uring_setup, the same number on every architecture
constexpr int kEnter = 426;     // __NR_io_uring_enter
constexpr int kRegister = 427;  // __NR_io_uring_register

constexpr uint32_t kSetupCqSize = 1u << 3;
constexpr uint32_t kSetupNoSqArray = 1u << 16;
constexpr uint32_t kFeatSingleMmap = 1u << 0;
constexpr uint32_t kEnterGetEvents = 1u << 0;
constexpr uint32_t kEnterExtArg = 1u << 3;
constexpr uint32_t kEnterRegisteredRing = 1u << 4;
constexpr unsigned kRegisterProbe = 8;
constexpr unsigned kRegisterRingFds = 20;
constexpr unsigned kUnregisterRingFds = 21;
constexpr unsigned kRegisterPbufRing = 22;
constexpr unsigned kRegisterSyncCancel = 24;
constexpr uint32_t kCancelAll = 1u << 0;
constexpr uint32_t kCancelAny = 1u << 2;
constexpr int64_t kCancelWaitNs = 200 * 1000 * 1000;
constexpr off_t kOffSqRing = 0;
constexpr off_t kOffSqes = 0x10000000;
constexpr size_t kSqeBytes = 64;
constexpr size_t kCqeBytes = 16;
constexpr size_t kBufBytes = 16;
constexpr size_t kOwnedBytes = 1 << 20;  // descriptors above this number are not tracked; untouched pages cost nothing

struct SqOffsets {
  uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, resv1;
  uint64_t user_addr;
};
struct CqOffsets {
  uint32_t head, tail, ring_mask, ring_entries, overflow, cqes, flags, resv1;
  uint64_t user_addr;
};
struct Params {
  uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, resv[3];
  SqOffsets sq_off;
  CqOffsets cq_off;
};
static_assert(sizeof(Params) == 120, "struct io_uring_params");
struct RegisterUpdate {
  uint32_t offset, resv;
  uint64_t data;
};
struct PbufReg {
  uint64_t ring_addr;
  uint32_t ring_entries;
  uint16_t bgid, flags;
  uint64_t resv[3];
};
static_assert(sizeof(PbufReg) == 40, "struct io_uring_buf_reg");
struct GetEventsArg {
  uint64_t sigmask;
  uint32_t sigmask_sz, min_wait_usec;
  uint64_t ts;
};
struct SyncCancel {
  uint64_t addr;
  int32_t fd;
  uint32_t flags;
  __kernel_timespec timeout;
  uint8_t opcode, pad[7];
  uint64_t pad2[3];
};
static_assert(sizeof(SyncCancel) == 64, "struct io_uring_sync_cancel_reg");
struct ProbeOp {
  uint8_t op, resv;
  uint16_t flags;
  uint32_t resv2;
};
struct Probe {
  uint8_t last_op, ops_len;
  uint16_t resv;
  uint32_t resv2[3];
  ProbeOp ops[256];
};

struct Ring {
  napi_env env = nullptr;
  int fd = -1;
  int enterFd = -1;  // index of the registered ring, or `fd`
  uint32_t enterFlags = 0;
  int refs = 0;
  void* ringMem = nullptr;
  size_t ringBytes = 0;
  void* sqeMem = nullptr;
  size_t sqeBytes = 0;
  void* bufMem = nullptr;
  size_t bufBytes = 0;
  uint8_t* owned = nullptr;  // one byte for each descriptor: not 0, it is closed with the ring
};

void RingClose(Ring* ring) {
  if (ring->fd < 0) return;
  // Left to the kernel, what is in flight would be cancelled some time later: an accept still armed keeps its listening
  // socket, and with it the port, alive after the thread is gone.
  SyncCancel all = {};
  all.fd = -1;
  all.flags = kCancelAll | kCancelAny;
  all.timeout.tv_nsec = kCancelWaitNs;
  syscall(kRegister, ring->fd, kRegisterSyncCancel, &all, 1);
  syscall(kEnter, ring->enterFd, 0, 0, ring->enterFlags | kEnterGetEvents, nullptr, 0);  // runs their completions
  if (ring->enterFlags != 0) {
    RegisterUpdate up = {static_cast<uint32_t>(ring->enterFd), 0, 0};
    syscall(kRegister, ring->fd, kUnregisterRingFds, &up, 1);
  }
  ::close(ring->fd);
  ring->fd = -1;
  // Accepted descriptors and those whose close was still to be submitted. A worker may end between any two calls.
  if (ring->owned == nullptr) return;
  for (size_t fd = 0; fd < kOwnedBytes; fd++) {
    if (ring->owned[fd] != 0) ::close(static_cast<int>(fd));
  }
  madvise(ring->owned, kOwnedBytes, MADV_DONTNEED);
}

void RingAtExit(void* data) { RingClose(static_cast<Ring*>(data)); }

void RingFree(Ring* ring) {
  napi_remove_env_cleanup_hook(ring->env, RingAtExit, ring);
  RingClose(ring);
  if (ring->ringMem != nullptr) munmap(ring->ringMem, ring->ringBytes);
  if (ring->sqeMem != nullptr) munmap(ring->sqeMem, ring->sqeBytes);
  if (ring->bufMem != nullptr) munmap(ring->bufMem, ring->bufBytes);
  if (ring->owned != nullptr) munmap(ring->owned, kOwnedBytes);
  delete ring;
}

void RingUnref(napi_env, void*, void* hint) {
  Ring* ring = static_cast<Ring*>(hint);
  if (--ring->refs == 0) RingFree(ring);
}

napi_value Int(napi_env env, int64_t n) {
  napi_value v = nullptr;
  napi_create_int64(env, n, &v);
  return v;
}

int32_t ArgI32(napi_env env, napi_value v) {
  int32_t n = 0;
  napi_get_value_int32(env, v, &n);
  return n;
}

void SetInt(napi_env env, napi_value obj, const char* name, uint32_t n) {
  napi_set_named_property(env, obj, name, Int(env, n));
}

void SetBuffer(napi_env env, napi_value obj, const char* name, Ring* ring, void* mem, size_t bytes) {
  napi_value ab = nullptr;
  ring->refs++;
  if (napi_create_external_arraybuffer(env, mem, bytes, RingUnref, ring, &ab) != napi_ok) {
    ring->refs--;
    return;
  }
  napi_set_named_property(env, obj, name, ab);
}

void SetMethod(napi_env env, napi_value obj, const char* name, napi_callback fn, Ring* ring) {
  napi_value f = nullptr;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, fn, ring, &f) != napi_ok) return;
  ring->refs++;
  if (napi_add_finalizer(env, f, ring, RingUnref, ring, nullptr) != napi_ok) {
    ring->refs--;
    return;
  }
  napi_set_named_property(env, obj, name, f);
}

/// enter(toSubmit, minComplete, timeoutMs): entries submitted, or -errno (-ETIME: the time is over). minComplete
/// below 0 submits alone and runs no completions; timeoutMs below 0 waits without limit, else it may have a fraction.
napi_value RingEnter(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value argv[3];
  void* data = nullptr;
  napi_get_cb_info(env, info, &argc, argv, nullptr, &data);
  Ring* ring = static_cast<Ring*>(data);
  if (ring->fd < 0) return Int(env, -EBADF);
  const uint32_t submit = static_cast<uint32_t>(ArgI32(env, argv[0]));
  const int32_t complete = ArgI32(env, argv[1]);
  long n;
  if (complete < 0) {
    n = syscall(kEnter, ring->enterFd, submit, 0, ring->enterFlags, nullptr, 0);
  } else {
    double ms = -1;
    napi_get_value_double(env, argv[2], &ms);
    if (complete == 0 || ms < 0) {
      n = syscall(kEnter, ring->enterFd, submit, complete, ring->enterFlags | kEnterGetEvents, nullptr, 0);
    } else {
      __kernel_timespec ts;
      ts.tv_sec = static_cast<int64_t>(ms / 1000);
      ts.tv_nsec = static_cast<long long>((ms - static_cast<double>(ts.tv_sec) * 1000) * 1e6);
      GetEventsArg arg = {0, 0, 0, reinterpret_cast<uint64_t>(&ts)};
      n = syscall(kEnter, ring->enterFd, submit, complete, ring->enterFlags | kEnterGetEvents | kEnterExtArg, &arg,
                  sizeof arg);
    }
  }
  return Int(env, n < 0 ? -errno : n);
}

/// bufRing(group, entries): a ring of provided buffers is registered; its memory, or -errno. Once for each ring.
napi_value RingBufRing(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value argv[2];
  void* data = nullptr;
  napi_get_cb_info(env, info, &argc, argv, nullptr, &data);
  Ring* ring = static_cast<Ring*>(data);
  if (ring->fd < 0) return Int(env, -EBADF);
  if (ring->bufMem != nullptr) return Int(env, -EEXIST);
  const uint32_t entries = static_cast<uint32_t>(ArgI32(env, argv[1]));
  const size_t bytes = entries * kBufBytes;
  void* mem = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mem == MAP_FAILED) return Int(env, -errno);
  PbufReg reg = {};
  reg.ring_addr = reinterpret_cast<uint64_t>(mem);
  reg.ring_entries = entries;
  reg.bgid = static_cast<uint16_t>(ArgI32(env, argv[0]));
  if (syscall(kRegister, ring->fd, kRegisterPbufRing, &reg, 1) < 0) {
    const int err = errno;
    munmap(mem, bytes);
    return Int(env, -err);
  }
  ring->bufMem = mem;
  ring->bufBytes = bytes;
  napi_value ab = nullptr;
  ring->refs++;
  if (napi_create_external_arraybuffer(env, mem, bytes, RingUnref, ring, &ab) != napi_ok) {
    ring->refs--;
    return Int(env, -ENOMEM);
  }
  return ab;
}

/// close(): the kernel's side ends; what was in flight is cancelled. The mappings stay until JavaScript lets go of them.
napi_value RingCloseCall(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  void* data = nullptr;
  napi_get_cb_info(env, info, &argc, nullptr, nullptr, &data);
  RingClose(static_cast<Ring*>(data));
  return nullptr;
}

/// uringSetup(entries, cqEntries, flags): an object with the mapped memory, its offsets and the calls; or -errno.
napi_value Setup(napi_env env, napi_callback_info info) {
  size_t argc = 3;
  napi_value argv[3];
  napi_get_cb_info(env, info, &argc, argv, nullptr, nullptr);
  Params p = {};
  p.flags = static_cast<uint32_t>(ArgI32(env, argv[2])) | kSetupCqSize;
  p.cq_entries = static_cast<uint32_t>(ArgI32(env, argv[1]));
  const long fd = syscall(kSetup, static_cast<uint32_t>(ArgI32(env, argv[0])), &p);
  if (fd < 0) return Int(env, -errno);
  if ((p.features & kFeatSingleMmap) == 0) {
    ::close(static_cast<int>(fd));
    return Int(env, -ENOSYS);
  }
  Ring* ring = new Ring;
  ring->env = env;
  ring->fd = static_cast<int>(fd);
  ring->enterFd = ring->fd;
  napi_add_env_cleanup_hook(env, RingAtExit, ring);
  const size_t sqEnd = (p.flags & kSetupNoSqArray) != 0 ? 0 : p.sq_off.array + p.sq_entries * sizeof(uint32_t);
  const size_t cqEnd = p.cq_off.cqes + p.cq_entries * kCqeBytes;
  const int prot = PROT_READ | PROT_WRITE;
  ring->ringBytes = sqEnd > cqEnd ? sqEnd : cqEnd;
  ring->sqeBytes = p.sq_entries * kSqeBytes;
  void* mem = mmap(nullptr, ring->ringBytes, prot, MAP_SHARED | MAP_POPULATE, ring->fd, kOffSqRing);
  ring->ringMem = mem == MAP_FAILED ? nullptr : mem;
  mem = mmap(nullptr, ring->sqeBytes, prot, MAP_SHARED | MAP_POPULATE, ring->fd, kOffSqes);
  ring->sqeMem = mem == MAP_FAILED ? nullptr : mem;
  mem = mmap(nullptr, kOwnedBytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ring->owned = mem == MAP_FAILED ? nullptr : static_cast<uint8_t*>(mem);
  if (ring->ringMem == nullptr || ring->sqeMem == nullptr || ring->owned == nullptr) {
    const int err = errno;
    RingFree(ring);
    return Int(env, -err);
  }
  if ((p.flags & kSetupNoSqArray) == 0) {
    // An index array stands between the tail and the entries: entry n is always submission n.
    uint32_t* array = reinterpret_cast<uint32_t*>(static_cast<char*>(ring->ringMem) + p.sq_off.array);
    for (uint32_t i = 0; i < p.sq_entries; i++) array[i] = i;
  }
  RegisterUpdate up = {UINT32_MAX, 0, static_cast<uint64_t>(ring->fd)};
  if (syscall(kRegister, ring->fd, kRegisterRingFds, &up, 1) == 1) {
    ring->enterFd = static_cast<int>(up.offset);
    ring->enterFlags = kEnterRegisteredRing;
  }
  napi_value obj = nullptr;
  napi_create_object(env, &obj);
  SetBuffer(env, obj, "ring", ring, ring->ringMem, ring->ringBytes);
  SetBuffer(env, obj, "sqes", ring, ring->sqeMem, ring->sqeBytes);
  SetBuffer(env, obj, "owned", ring, ring->owned, kOwnedBytes);
  SetMethod(env, obj, "enter", RingEnter, ring);
  SetMethod(env, obj, "bufRing", RingBufRing, ring);
  SetMethod(env, obj, "close", RingCloseCall, ring);
  SetInt(env, obj, "fd", static_cast<uint32_t>(ring->fd));
  SetInt(env, obj, "features", p.features);
  SetInt(env, obj, "sqEntries", p.sq_entries);
  SetInt(env, obj, "sqHead", p.sq_off.head);
  SetInt(env, obj, "sqTail", p.sq_off.tail);
  SetInt(env, obj, "sqFlags", p.sq_off.flags);
  SetInt(env, obj, "cqEntries", p.cq_entries);
  SetInt(env, obj, "cqHead", p.cq_off.head);
  SetInt(env, obj, "cqTail", p.cq_off.tail);
  SetInt(env, obj, "cqes", p.cq_off.cqes);
  if (ring->refs == 0) RingFree(ring);
  return obj;
}

/// uringProbe(ops): writes 1 into `ops[n]` for each opcode n the kernel knows. IORING_FEAT_* bits, or -errno.
napi_value ProbeCall(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value argv[1];
  napi_get_cb_info(env, info, &argc, argv, nullptr, nullptr);
  void* ops = nullptr;
  size_t opsBytes = 0;
  napi_get_typedarray_info(env, argv[0], nullptr, &opsBytes, &ops, nullptr, nullptr);
  Params p = {};
  const long fd = syscall(kSetup, 2, &p);
  if (fd < 0) return Int(env, -errno);
  Probe probe;
  memset(&probe, 0, sizeof probe);
  const long r = syscall(kRegister, fd, kRegisterProbe, &probe, 256);
  const int err = errno;
  ::close(static_cast<int>(fd));
  if (r < 0) return Int(env, -err);
  for (size_t i = 0; i < probe.ops_len; i++) {
    const ProbeOp& op = probe.ops[i];
    if (op.op < opsBytes) static_cast<uint8_t*>(ops)[op.op] = (op.flags & 1) != 0 ? 1 : 0;
  }
  return Int(env, p.features);
}

/// uringAddress(bytes, out): the address of a Uint8Array's first byte as two words, low then high, in the Int32Array.
napi_value Address(napi_env env, napi_callback_info info) {
  size_t argc = 2;
  napi_value argv[2];
  napi_get_cb_info(env, info, &argc, argv, nullptr, nullptr);
  void* bytes = nullptr;
  void* out = nullptr;
  size_t outWords = 0;
  napi_get_typedarray_info(env, argv[0], nullptr, nullptr, &bytes, nullptr, nullptr);
  napi_get_typedarray_info(env, argv[1], nullptr, &outWords, &out, nullptr, nullptr);
  if (out == nullptr || outWords < 2) return Int(env, -EINVAL);
  const uint64_t at = reinterpret_cast<uint64_t>(bytes);
  static_cast<uint32_t*>(out)[0] = static_cast<uint32_t>(at);
  static_cast<uint32_t*>(out)[1] = static_cast<uint32_t>(at >> 32);
  return Int(env, 0);
}

/// uringWrite(fd, bytes, offset, length): write(2), for the few held bytes that go into a pipe ahead of a splice.
napi_value Write(napi_env env, napi_callback_info info) {
  size_t argc = 4;
  napi_value argv[4];
  napi_get_cb_info(env, info, &argc, argv, nullptr, nullptr);
  void* bytes = nullptr;
  size_t size = 0;
  napi_get_typedarray_info(env, argv[1], nullptr, &size, &bytes, nullptr, nullptr);
  int64_t offset = 0;
  int64_t length = 0;
  napi_get_value_int64(env, argv[2], &offset);
  napi_get_value_int64(env, argv[3], &length);
  if (offset < 0 || length < 0 || static_cast<uint64_t>(offset + length) > size) return Int(env, -EINVAL);
  ssize_t n;
  do {
    n = ::write(ArgI32(env, argv[0]), static_cast<char*>(bytes) + offset, static_cast<size_t>(length));
  } while (n < 0 && errno == EINTR);
  return Int(env, n < 0 ? -errno : n);
}

}  // namespace

#else  // not Linux

namespace {
napi_value Refused(napi_env env, napi_callback_info) {
  napi_value v = nullptr;
  napi_create_int32(env, -ENOSYS, &v);
  return v;
}
constexpr napi_callback Setup = Refused, ProbeCall = Refused, Address = Refused, Write = Refused;
}  // namespace

#endif

napi_status UringExports(napi_env env, napi_value exports) {
  const struct {
    const char* name;
    napi_callback fn;
  } list[] = {{"uringProbe", ProbeCall}, {"uringSetup", Setup}, {"uringAddress", Address}, {"uringWrite", Write}};
  for (const auto& one : list) {
    napi_value f = nullptr;
    napi_status st = napi_create_function(env, one.name, NAPI_AUTO_LENGTH, one.fn, nullptr, &f);
    if (st == napi_ok) st = napi_set_named_property(env, exports, one.name, f);
    if (st != napi_ok) return st;
  }
  return napi_ok;
}
