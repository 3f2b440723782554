#ifndef SLUICE_FDS_H_
#define SLUICE_FDS_H_

#include "ctx.h"

namespace sluice {

// Sets O_NONBLOCK and close-on-exec. 0 or -errno.
int FdPrepare(int fd);

}  // namespace sluice

#endif  // SLUICE_FDS_H_
