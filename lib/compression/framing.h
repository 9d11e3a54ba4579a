// SPDX-License-Identifier: BSD-3-Clause
// Headers and footers of gzip (RFC 1952) and zlib (RFC 1950) around deflate.
#ifndef QAE_LIB_COMPRESSION_FRAMING_H
#define QAE_LIB_COMPRESSION_FRAMING_H

#include <cpa_dc.h>

namespace qae {

// Which one depends on the checksum: CRC-32 means gzip, Adler-32 zlib. Both record the reason of a failure.
CpaStatus write_header(CpaDcChecksum checksum, CpaDcCompLvl level, CpaFlatBuffer *buffer,
                       Cpa32U *count) noexcept;
CpaStatus write_footer(CpaDcChecksum checksum, Cpa64U total, CpaFlatBuffer *buffer,
                       CpaDcRqResults *results) noexcept;

} // namespace qae

#endif // QAE_LIB_COMPRESSION_FRAMING_H
