// Descriptors that a context owns, and the flags every descriptor gets where the system has no call that sets them at birth.
#include "fds.h"

#include <fcntl.h>
#include <unistd.h>

namespace sluice {

void Fds::mark(int fd, uint8_t kind) {
  size_t at = static_cast<size_t>(fd);
  if (at >= kinds_.size()) kinds_.resize((at + 256) & ~static_cast<size_t>(255), kFdForeign);
  kinds_[at] = kind;
}

void Fds::closeAll() {
  for (size_t fd = 0; fd < kinds_.size(); fd++) {
    if (kinds_[fd] != kFdForeign) ::close(static_cast<int>(fd));
  }
  kinds_.clear();
}

int FdPrepare(int fd) {
  int fl = ::fcntl(fd, F_GETFL);
  if (fl < 0 || ::fcntl(fd, F_SETFL, fl | O_NONBLOCK) < 0) return -errno;
  int fdfl = ::fcntl(fd, F_GETFD);
  if (fdfl < 0 || ::fcntl(fd, F_SETFD, fdfl | FD_CLOEXEC) < 0) return -errno;
  return 0;
}

}  // namespace sluice
