// SPDX-License-Identifier: BSD-3-Clause
// The software plane for programs on the host: pinned buffers in any split, and sessions.
#ifndef QAE_TESTS_SUPPORT_COMPRESSION_H
#define QAE_TESTS_SUPPORT_COMPRESSION_H

#include <cpa_dc.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/program.h"

namespace qae::test {

// Plain mode with the plane of this build.
Environment software_plane();

// Sets software_plane() for this process; call it before anything of the library.
void use_software_plane();

// Pinned memory with a content.
class Pinned {
public:
    explicit Pinned(std::size_t size);
    explicit Pinned(std::string_view content);
    ~Pinned();
    Pinned(const Pinned &) = delete;
    Pinned &operator=(const Pinned &) = delete;

    Cpa8U *data() const { return data_; }
    std::size_t size() const { return size_; }
    std::string text(std::size_t length) const { return {reinterpret_cast<const char *>(data_), length}; }

private:
    Cpa8U *data_ = nullptr;
    std::size_t size_ = 0;
};

// A buffer list over the first bytes of @memory, in pieces of these lengths.
class List {
public:
    explicit List(const Pinned &memory) : List(memory, {memory.size()}) {}
    List(const Pinned &memory, const std::vector<std::size_t> &lengths);
    List(const List &) = delete;
    List &operator=(const List &) = delete;

    CpaBufferList *get() { return &list_; }
    CpaFlatBuffer &buffer(std::size_t index) { return buffers_[index]; }

private:
    std::vector<CpaFlatBuffer> buffers_;
    Pinned meta_;
    CpaBufferList list_{};
};

// Deflate, level 6, dynamic codes, stateless, both directions.
CpaDcSessionSetupData usual_setup(CpaDcChecksum checksum = CPA_DC_CRC32);

// A session of a started instance; synchronous without a callback. The test fails if it cannot be made.
class TestSession {
public:
    TestSession(CpaInstanceHandle instance, CpaDcSessionSetupData setup, CpaDcCallbackFn callback = nullptr);
    ~TestSession();
    TestSession(const TestSession &) = delete;
    TestSession &operator=(const TestSession &) = delete;

    CpaInstanceHandle instance() const { return instance_; }
    CpaDcSessionHandle get() const { return memory_.data(); }

    CpaStatus compress(List &source, List &destination, CpaDcRqResults &results,
                       CpaDcFlush flush = CPA_DC_FLUSH_FINAL, void *tag = nullptr) const;
    CpaStatus decompress(List &source, List &destination, CpaDcRqResults &results,
                         CpaDcFlush flush = CPA_DC_FLUSH_FINAL, void *tag = nullptr) const;

private:
    CpaInstanceHandle instance_;
    Pinned memory_;
};

// The compression instances of the process, started. The test fails if there are none.
std::vector<CpaInstanceHandle> start_instances();

// Starts the process on the software plane of this build, and its compression instances.
std::vector<CpaInstanceHandle> start_on_software_plane();

// Both by a synchronous session of @instance; the test fails if the status is not CPA_DC_OK.
std::string compressed(CpaInstanceHandle instance, const CpaDcSessionSetupData &setup, std::string_view text);
std::string decompressed(CpaInstanceHandle instance, const CpaDcSessionSetupData &setup,
                         std::string_view data, std::size_t room);

// Text that compresses in part: words and noise. The same for the same @seed.
std::string sample_text(std::size_t length, unsigned seed);

} // namespace qae::test

#endif // QAE_TESTS_SUPPORT_COMPRESSION_H
