// The arena: one mapping at a 4 GiB-aligned address, so that a pointer into it is (constant high half, offset) and needs
// neither carry nor BigInt. Pages come on first touch (no reserve) and go back with `discard`.
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "args.h"
#include "calls.h"

namespace sluice {

namespace {

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif
constexpr uint64_t kAlign = 1ULL << 32;

struct Mapping {
  void* base;
  size_t bytes;
};

// Runs on the environment's thread when the ArrayBuffer is collected or the environment ends.
void Unmap(napi_env, void*, void* hint) {
  Mapping* m = static_cast<Mapping*>(hint);
  ::munmap(m->base, m->bytes);
  delete m;
}

// Maps `bytes` at a multiple of kAlign: reserves more, keeps the aligned part, gives back the rest.
uint8_t* MapAligned(size_t bytes) {
  size_t span = static_cast<size_t>(kAlign) + bytes;
  void* all = ::mmap(nullptr, span, PROT_NONE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  uintptr_t from = reinterpret_cast<uintptr_t>(all);
  uintptr_t base = (from + kAlign - 1) & ~static_cast<uintptr_t>(kAlign - 1);
  if (base > from) ::munmap(all, base - from);
  uintptr_t end = base + bytes;
  if (from + span > end) ::munmap(reinterpret_cast<void*>(end), from + span - end);
  void* at = ::mmap(reinterpret_cast<void*>(base), bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANON | MAP_NORESERVE | MAP_FIXED, -1, 0);
  if (at == MAP_FAILED) {
    int err = errno;
    ::munmap(reinterpret_cast<void*>(base), bytes);
    errno = err;
    return nullptr;
  }
  return static_cast<uint8_t*>(at);
}

// Whole pages: contents become zero and the memory is the system's again.
void DropPages(uint8_t* from, size_t bytes) {
#ifdef __linux__
  ::madvise(from, bytes, MADV_DONTNEED);
#else
  // elsewhere MADV_DONTNEED is only a hint and keeps the contents: map afresh over the range
  ::mmap(from, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON | MAP_NORESERVE | MAP_FIXED, -1, 0);
#endif
}

}  // namespace

int ArenaOpen(Ctx* ctx, uint64_t bytes, napi_value* out) {
  uint8_t* base = MapAligned(static_cast<size_t>(bytes));
  if (base == nullptr) return -errno;
  Mapping* m = new Mapping{base, static_cast<size_t>(bytes)};
  if (napi_create_external_arraybuffer(ctx->env, base, m->bytes, Unmap, m, out) != napi_ok) {
    ::munmap(base, m->bytes);
    delete m;
    return -ENOTSUP;
  }
  napi_create_reference(ctx->env, *out, 1, &ctx->arenaRef);
  ctx->arena = base;
  ctx->arenaBytes = bytes;
  return 0;
}

// The pages go at once, the address range when the ArrayBuffer is collected: a stray read finds zeroes, not a fault.
void ArenaClose(Ctx* ctx) {
  if (ctx->arenaBytes == 0) return;
  DropPages(ctx->arena, static_cast<size_t>(ctx->arenaBytes));
  ctx->arenaBytes = 0;
  napi_delete_reference(ctx->env, ctx->arenaRef);
  ctx->arenaRef = nullptr;
}

// discard(ofs, len): the range reads as zero; its whole pages hold no memory any more.
napi_value Discard(napi_env env, napi_callback_info info) {
  Args<2> in(env, info);
  int32_t ofs = in.i32(0);
  int32_t len = in.i32(1);
  if (!in.ctx->has(ofs, len)) return in.result(-EFAULT);
  static const uintptr_t page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  uintptr_t from = reinterpret_cast<uintptr_t>(in.ctx->arena) + static_cast<uint32_t>(ofs);
  uintptr_t to = from + static_cast<uint32_t>(len);
  uintptr_t first = (from + page - 1) & ~(page - 1);
  uintptr_t last = to & ~(page - 1);
  if (first >= last) {
    std::memset(reinterpret_cast<void*>(from), 0, to - from);
    return in.result(0);
  }
  std::memset(reinterpret_cast<void*>(from), 0, first - from);
  DropPages(reinterpret_cast<uint8_t*>(first), last - first);
  std::memset(reinterpret_cast<void*>(last), 0, to - last);
  return in.result(0);
}

}  // namespace sluice
