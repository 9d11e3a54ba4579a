// SPDX-License-Identifier: BSD-3-Clause
#include "support/compression.h"

#include <icp_sal_user.h>

#include <qae_mem.h>
#include <qae_mem_ext.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <random>

#include "support/cmocka_cpp.h"

namespace qae::test {
namespace {

std::size_t bytes_for_meta(std::size_t buffers) {
    Cpa32U size = 0;
    assert_int_equal(
        cpaDcBufferListGetMetaSize(nullptr, static_cast<Cpa32U>(std::max<std::size_t>(buffers, 1)), &size),
        CPA_STATUS_SUCCESS);
    return size;
}

std::size_t bytes_for_session(CpaInstanceHandle instance, CpaDcSessionSetupData &setup) {
    Cpa32U size = 0;
    Cpa32U context = 0;
    assert_int_equal(cpaDcGetSessionSize(instance, &setup, &size, &context), CPA_STATUS_SUCCESS);
    return size;
}

} // namespace

Environment software_plane() {
    return {{"QAT_USER_MODE", "plain"},
            {"QAT_USER_PLANE", "software"},
            {"QAT_USER_PLANE_DIR", built("lib/qat_user")}};
}

void use_software_plane() {
    for (const auto &[name, value] : software_plane()) {
        setenv(name.c_str(), value.c_str(), 1);
    }
    unsetenv("QAT_USER_CONF");
}

Pinned::Pinned(std::size_t size) : size_(size) {
    data_ = static_cast<Cpa8U *>(qaeMemAllocNUMA(std::max<std::size_t>(size, 1), NUMA_ANY_NODE, 64));
    if (data_ == nullptr) {
        fail_msg("no pinned memory: %s", qaeLastError());
    }
}

Pinned::Pinned(std::string_view content) : Pinned(content.size()) {
    std::copy(content.begin(), content.end(), data_);
}

Pinned::~Pinned() {
    void *block = data_;
    qaeMemFreeNUMA(&block);
}

List::List(const Pinned &memory, const std::vector<std::size_t> &lengths)
    : meta_(bytes_for_meta(lengths.size())) {
    Cpa8U *at = memory.data();
    for (const std::size_t length : lengths) {
        buffers_.push_back({static_cast<Cpa32U>(length), at});
        at += length;
    }
    list_.numBuffers = static_cast<Cpa32U>(buffers_.size());
    list_.pBuffers = buffers_.data();
    list_.pPrivateMetaData = meta_.data();
}

CpaDcSessionSetupData usual_setup(CpaDcChecksum checksum) {
    CpaDcSessionSetupData setup{};
    setup.compLevel = CPA_DC_L6;
    setup.compType = CPA_DC_DEFLATE;
    setup.huffType = CPA_DC_HT_FULL_DYNAMIC;
    setup.autoSelectBestHuffmanTree = CPA_DC_ASB_DISABLED;
    setup.sessDirection = CPA_DC_DIR_COMBINED;
    setup.sessState = CPA_DC_STATELESS;
    setup.windowSize = CPA_DC_WINSIZE_32K;
    setup.checksum = checksum;
    return setup;
}

TestSession::TestSession(CpaInstanceHandle instance, CpaDcSessionSetupData setup, CpaDcCallbackFn callback)
    : instance_(instance), memory_(bytes_for_session(instance, setup)) {
    const CpaStatus status = cpaDcInitSession(instance, memory_.data(), &setup, nullptr, callback);
    if (status != CPA_STATUS_SUCCESS) {
        fail_msg("cpaDcInitSession() %d: %s", status, qaeLastError());
    }
}

TestSession::~TestSession() { cpaDcRemoveSession(instance_, memory_.data()); }

CpaStatus TestSession::compress(List &source, List &destination, CpaDcRqResults &results, CpaDcFlush flush,
                                void *tag) const {
    return cpaDcCompressData(instance_, get(), source.get(), destination.get(), &results, flush, tag);
}

CpaStatus TestSession::decompress(List &source, List &destination, CpaDcRqResults &results, CpaDcFlush flush,
                                  void *tag) const {
    return cpaDcDecompressData(instance_, get(), source.get(), destination.get(), &results, flush, tag);
}

std::vector<CpaInstanceHandle> start_instances() {
    Cpa16U number = 0;
    assert_int_equal(cpaDcGetNumInstances(&number), CPA_STATUS_SUCCESS);
    assert_true(number > 0);
    std::vector<CpaInstanceHandle> instances(number);
    assert_int_equal(cpaDcGetInstances(number, instances.data()), CPA_STATUS_SUCCESS);
    for (const CpaInstanceHandle instance : instances) {
        const CpaStatus status = cpaDcStartInstance(instance, 0, nullptr);
        if (status != CPA_STATUS_SUCCESS) {
            fail_msg("cpaDcStartInstance() %d: %s", status, qaeLastError());
        }
    }
    return instances;
}

std::vector<CpaInstanceHandle> start_on_software_plane() {
    use_software_plane();
    assert_int_equal(icp_sal_userStart("SHIM"), CPA_STATUS_SUCCESS);
    return start_instances();
}

std::string compressed(CpaInstanceHandle instance, const CpaDcSessionSetupData &setup,
                       std::string_view text) {
    Cpa32U room = 0;
    assert_int_equal(cpaDcDeflateCompressBound(nullptr, setup.huffType,
                                               static_cast<Cpa32U>(std::max<std::size_t>(text.size(), 1)),
                                               &room),
                     CPA_STATUS_SUCCESS);
    const TestSession session(instance, setup);
    const Pinned from(text);
    const Pinned to(room);
    List source(from);
    List destination(to);
    CpaDcRqResults results{};
    const CpaStatus status = session.compress(source, destination, results);
    if (status != CPA_STATUS_SUCCESS || results.status != CPA_DC_OK) {
        fail_msg("compression: %d, %d: %s", status, results.status, qaeLastError());
    }
    assert_int_equal(results.consumed, text.size());
    return to.text(results.produced);
}

std::string decompressed(CpaInstanceHandle instance, const CpaDcSessionSetupData &setup,
                         std::string_view data, std::size_t room) {
    const TestSession session(instance, setup);
    const Pinned from(data);
    const Pinned to(std::max<std::size_t>(room, 1));
    List source(from);
    List destination(to);
    CpaDcRqResults results{};
    const CpaStatus status = session.decompress(source, destination, results);
    if (status != CPA_STATUS_SUCCESS || results.status != CPA_DC_OK) {
        fail_msg("decompression: %d, %d: %s", status, results.status, qaeLastError());
    }
    return to.text(results.produced);
}

std::string sample_text(std::size_t length, unsigned seed) {
    static constexpr const char *kWords[] = {"ring ", "bank ", "endpoint ", "section ", "instance ", "\n"};
    std::mt19937 random(seed);
    std::string text;
    while (text.size() < length) {
        if (random() % 3 == 0) {
            text += static_cast<char>(random());
        } else {
            text += kWords[random() % std::size(kWords)];
        }
    }
    text.resize(length);
    return text;
}

} // namespace qae::test
