// SPDX-License-Identifier: BSD-3-Clause
// Does a session ask for something that exists and that the plane offers?
#ifndef QAE_LIB_COMPRESSION_SETUP_H
#define QAE_LIB_COMPRESSION_SETUP_H

#include <cpa_dc.h>

namespace qae {

// CPA_STATUS_SUCCESS; CPA_STATUS_INVALID_PARAM for a value that is never valid, CPA_STATUS_UNSUPPORTED for
// one that the plane does not offer, both with the reason recorded.
CpaStatus check_setup(const CpaDcSessionSetupData &setup,
                      const CpaDcInstanceCapabilities &capabilities) noexcept;

// The same for a change of a session.
CpaStatus check_level_and_codes(CpaDcCompLvl level, CpaDcHuffType codes,
                                const CpaDcInstanceCapabilities &capabilities) noexcept;

// The same for the options of a request of a session that works as @setup says.
CpaStatus check_options(const CpaDcOpData &options, const CpaDcSessionSetupData &setup,
                        CpaDcSessionDir direction) noexcept;

bool compresses(CpaDcSessionDir direction) noexcept;
bool decompresses(CpaDcSessionDir direction) noexcept;

} // namespace qae

#endif // QAE_LIB_COMPRESSION_SETUP_H
