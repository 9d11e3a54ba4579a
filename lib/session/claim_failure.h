// SPDX-License-Identifier: BSD-3-Clause
// Explains a failed claim in one sentence, with the names and holders that a person needs to act.
#ifndef QAE_LIB_SESSION_CLAIM_FAILURE_H
#define QAE_LIB_SESSION_CLAIM_FAILURE_H

namespace qae {

// Records the reason for the failed claim of @name; @err is the driver's errno.
void explain_claim_failure(const char *name, int err);

} // namespace qae

#endif // QAE_LIB_SESSION_CLAIM_FAILURE_H
