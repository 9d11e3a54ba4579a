// SPDX-License-Identifier: BSD-3-Clause
// What is refused: memory that a device could not reach, arguments, what the plane does not offer. And what
// there is with and without a plane.
#include <cpa_dc_capabilities.h>
#include <icp_sal_poll.h>
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>
#include <icp_sal_versions.h>
#include <qae_mem.h>
#include <qae_mem_ext.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "process/simulated_endpoint.h"
#include "support/cmocka_cpp.h"
#include "support/compression.h"

namespace {

using qae::test::Environment;
using qae::test::List;
using qae::test::Outcome;
using qae::test::Pinned;
using qae::test::run_scene;
using qae::test::software_plane;
using qae::test::TestSession;
using qae::test::usual_setup;

CpaInstanceHandle g_instance;
CpaInstanceHandle g_other;

// A request that is good until a test changes it.
struct Request {
    Pinned from{std::string_view("twelve bytes")};
    Pinned to{100};
    List source{from};
    List destination{to};
    CpaDcRqResults results{};
    CpaDcOpData options{};

    Request() { options.flushFlag = CPA_DC_FLUSH_FINAL; }

    CpaStatus submit(const TestSession &session, CpaInstanceHandle instance = nullptr) {
        return cpaDcCompressData2(instance != nullptr ? instance : session.instance(), session.get(),
                                  source.get(), destination.get(), &options, &results, nullptr);
    }
};

void expect_refused(Request &request, const TestSession &session,
                    CpaStatus status = CPA_STATUS_INVALID_PARAM) {
    CpaDcStats before{};
    CpaDcStats after{};
    cpaDcGetStats(g_instance, &before);
    qaeClearLastError();
    assert_int_equal(request.submit(session), status);
    assert_true(qaeLastErrno() != 0);
    cpaDcGetStats(g_instance, &after);
    assert_int_equal(after.numCompRequests, before.numCompRequests);
    assert_int_equal(after.numCompRequestsErrors, before.numCompRequestsErrors + 1);
}

void memory_that_is_not_pinned_is_refused(void **) {
    const TestSession session(g_instance, usual_setup());
    Cpa8U stack[64] = {};
    {
        Request request;
        request.source.buffer(0).pData = stack;
        expect_refused(request, session);
    }
    {
        Request request;
        request.destination.buffer(0).pData = stack;
        expect_refused(request, session);
    }
    {
        Request request;
        request.source.get()->pPrivateMetaData = stack;
        expect_refused(request, session);
    }
    {
        Request request;
        request.destination.get()->pPrivateMetaData = nullptr;
        expect_refused(request, session);
    }
    CpaDcSessionSetupData setup = usual_setup();
    std::vector<Cpa8U> memory(4096);
    assert_int_equal(cpaDcInitSession(g_instance, memory.data(), &setup, nullptr, nullptr),
                     CPA_STATUS_INVALID_PARAM);
}

// A device would write descriptors of all buffers there.
void private_metadata_that_is_too_small_is_refused(void **) {
    const TestSession session(g_instance, usual_setup());
    for (const std::size_t buffers : {std::size_t{1}, std::size_t{300}}) {
        Request request;
        const Pinned data(buffers);
        List source(data, std::vector<std::size_t>(buffers, 1));
        Cpa32U needed = 0;
        assert_int_equal(cpaDcBufferListGetMetaSize(g_instance, static_cast<Cpa32U>(buffers), &needed),
                         CPA_STATUS_SUCCESS);
        const Pinned memory(needed);
        qae_mem_block block{};
        block.size = sizeof(block);
        assert_int_equal(qaeMemGetInfo(memory.data(), &block), 0);
        Cpa8U *const end = memory.data() + block.length;
        const auto submit_with = [&](Cpa8U *metadata) {
            source.get()->pPrivateMetaData = metadata;
            return cpaDcCompressData2(g_instance, session.get(), source.get(), request.destination.get(),
                                      &request.options, &request.results, nullptr);
        };
        assert_int_equal(submit_with(end - needed), CPA_STATUS_SUCCESS);
        assert_int_equal(submit_with(end - needed + 1), CPA_STATUS_INVALID_PARAM);
        assert_non_null(std::strstr(qaeLastError(), "private metadata"));
    }
}

void memory_that_was_freed_is_refused(void **) {
    const TestSession session(g_instance, usual_setup());
    Request request;
    void *block = qaeMemAllocNUMA(4096, NUMA_ANY_NODE, 64);
    request.source.buffer(0).pData = static_cast<Cpa8U *>(block);
    assert_int_equal(request.submit(session), CPA_STATUS_SUCCESS);
    qaeMemFreeNUMA(&block);
    expect_refused(request, session);
}

// Blocks have sizes of their own; what is behind a block belongs to another.
void a_buffer_that_exceeds_its_block_is_refused(void **) {
    const TestSession session(g_instance, usual_setup());
    for (const std::size_t size : {std::size_t{64}, std::size_t{5000}, std::size_t{1} << 20}) {
        const Pinned block(size);
        const Pinned neighbour(size);
        qae_mem_block facts{};
        facts.size = sizeof(facts);
        assert_int_equal(qaeMemGetInfo(block.data(), &facts), 0);
        Request request;
        request.source.buffer(0) = {static_cast<Cpa32U>(facts.length), block.data()};
        const Pinned room(facts.length * 2 + 100);
        request.destination.buffer(0) = {static_cast<Cpa32U>(room.size()), room.data()};
        assert_int_equal(request.submit(session), CPA_STATUS_SUCCESS);
        ++request.source.buffer(0).dataLenInBytes;
        expect_refused(request, session);
    }
}

void source_and_destination_must_not_overlap(void **) {
    const TestSession session(g_instance, usual_setup());
    const Pinned memory(4096);
    Request request;
    request.source.buffer(0) = {1000, memory.data()};
    request.destination.buffer(0) = {1000, memory.data()};
    expect_refused(request, session);
    request.destination.buffer(0) = {1000, memory.data() + 999};
    expect_refused(request, session);
    request.destination.buffer(0) = {1200, memory.data() + 1000};
    assert_int_equal(request.submit(session), CPA_STATUS_SUCCESS);
    // The same with many pieces, which are compared in another way.
    List source(memory, std::vector<std::size_t>(40, 10));
    List destination(memory, std::vector<std::size_t>(40, 10));
    for (unsigned i = 0; i < 40; ++i) {
        destination.buffer(i).pData += 400;
    }
    CpaDcRqResults results{};
    assert_int_equal(session.compress(source, destination, results), CPA_STATUS_SUCCESS);
    destination.buffer(20).pData = source.buffer(30).pData + 9;
    assert_int_equal(session.compress(source, destination, results), CPA_STATUS_INVALID_PARAM);
}

void arguments_that_are_missing_are_refused(void **) {
    const TestSession session(g_instance, usual_setup());
    Request request;
    CpaBufferList *const source = request.source.get();
    CpaBufferList *const destination = request.destination.get();
    assert_int_equal(cpaDcCompressData2(g_instance, session.get(), nullptr, destination, &request.options,
                                        &request.results, nullptr),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcCompressData2(g_instance, session.get(), source, nullptr, &request.options,
                                        &request.results, nullptr),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcCompressData2(g_instance, session.get(), source, destination, nullptr,
                                        &request.results, nullptr),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcCompressData2(g_instance, session.get(), source, destination, &request.options,
                                        nullptr, nullptr),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcCompressData2(g_instance, nullptr, source, destination, &request.options,
                                        &request.results, nullptr),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(request.submit(session, reinterpret_cast<CpaInstanceHandle>(&request)),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(request.submit(session, g_other), CPA_STATUS_INVALID_PARAM); // of another instance
    request.destination.buffer(0).dataLenInBytes = 0;
    expect_refused(request, session);
    request.source.get()->numBuffers = 0;
    expect_refused(request, session);
}

void a_session_is_for_its_direction(void **) {
    CpaDcSessionSetupData setup = usual_setup();
    setup.sessDirection = CPA_DC_DIR_DECOMPRESS;
    const TestSession session(g_instance, setup);
    Request request;
    expect_refused(request, session);
    CpaFlatBuffer frame{100, request.to.data()};
    Cpa32U count = 0;
    assert_int_equal(cpaDcGenerateHeader(session.get(), &frame, &count), CPA_STATUS_INVALID_PARAM);
}

void options_that_are_wrong_or_not_offered_are_told_apart(void **) {
    const TestSession session(g_instance, usual_setup());
    for (const CpaDcFlush flush : {CPA_DC_FLUSH_NONE, CPA_DC_FLUSH_SYNC}) {
        Request request;
        request.options.flushFlag = flush;
        expect_refused(request, session);
    }
    Request request;
    request.options.integrityCrcCheck = CPA_TRUE;
    expect_refused(request, session, CPA_STATUS_UNSUPPORTED);
    request.options.integrityCrcCheck = CPA_FALSE;
    request.options.inputSkipData.skipMode = CPA_DC_SKIP_AT_START;
    expect_refused(request, session, CPA_STATUS_UNSUPPORTED);
}

CpaStatus size_of(const CpaDcSessionSetupData &setup) {
    CpaDcSessionSetupData copy = setup;
    Cpa32U size = 0;
    Cpa32U context = 0;
    return cpaDcGetSessionSize(g_instance, &copy, &size, &context);
}

void setups_that_are_wrong_or_not_offered_are_told_apart(void **) {
    const auto with = [](auto change) {
        CpaDcSessionSetupData setup = usual_setup();
        change(setup);
        return size_of(setup);
    };
    assert_int_equal(with([](auto &setup) { setup.compLevel = static_cast<CpaDcCompLvl>(13); }),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(with([](auto &setup) { setup.compType = static_cast<CpaDcCompType>(0); }),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(with([](auto &setup) { setup.checksum = static_cast<CpaDcChecksum>(6); }),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(with([](auto &setup) { setup.compType = CPA_DC_LZ4; }), CPA_STATUS_UNSUPPORTED);
    assert_int_equal(with([](auto &setup) { setup.huffType = CPA_DC_HT_PRECOMP; }), CPA_STATUS_UNSUPPORTED);
    assert_int_equal(with([](auto &setup) { setup.checksum = CPA_DC_XXHASH32; }), CPA_STATUS_UNSUPPORTED);
    // Clients set what older headers call 32 KiB.
    assert_int_equal(with([](auto &setup) { setup.windowSize = static_cast<CpaDcCompWindowSize>(7); }),
                     CPA_STATUS_SUCCESS);
}

void bounds_need_no_instance(void **) {
    Cpa32U size = 0;
    assert_int_equal(cpaDcDeflateCompressBound(nullptr, CPA_DC_HT_STATIC, 1000, &size), CPA_STATUS_SUCCESS);
    assert_in_range(size, 1001, 1400);
    assert_int_equal(cpaDcDeflateCompressBound(nullptr, CPA_DC_HT_STATIC, 0, &size),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcDeflateCompressBound(nullptr, CPA_DC_HT_STATIC, UINT32_MAX, &size),
                     CPA_STATUS_INVALID_PARAM);
    assert_int_equal(cpaDcLZ4SCompressBound(nullptr, 1000, &size), CPA_STATUS_UNSUPPORTED);
    assert_int_equal(cpaDcBufferListGetMetaSize(nullptr, 1, &size), CPA_STATUS_SUCCESS);
    assert_true(size != 0);
}

void an_update_changes_later_requests(void **) {
    CpaDcSessionSetupData setup = usual_setup();
    setup.huffType = CPA_DC_HT_STATIC;
    const TestSession session(g_instance, setup);
    const Pinned from{std::string_view(qae::test::sample_text(20'000, 2))};
    const Pinned to(40'000);
    CpaDcRqResults fixed{};
    CpaDcRqResults dynamic{};
    List source(from);
    List destination(to);
    assert_int_equal(session.compress(source, destination, fixed), CPA_STATUS_SUCCESS);
    CpaDcSessionUpdateData change{CPA_DC_L9, CPA_DC_HT_FULL_DYNAMIC, CPA_FALSE};
    assert_int_equal(cpaDcUpdateSession(g_instance, session.get(), &change), CPA_STATUS_SUCCESS);
    assert_int_equal(session.compress(source, destination, dynamic), CPA_STATUS_SUCCESS);
    assert_true(dynamic.produced < fixed.produced);
}

// ---- what an instance says of itself

void instances_say_that_software_does_the_work(void **) {
    CpaInstanceInfo2 info{};
    CpaDcInstanceCapabilities can{};
    assert_int_equal(cpaDcInstanceGetInfo2(g_instance, &info), CPA_STATUS_SUCCESS);
    assert_int_equal(info.isOffloaded, CPA_FALSE);
    assert_int_equal(info.isPolled, CPA_TRUE);
    assert_int_equal(info.operState, CPA_OPER_STATE_UP);
    assert_string_equal(reinterpret_cast<const char *>(info.partName), "software plane for c6xx");
    assert_string_equal(reinterpret_cast<const char *>(info.swVersion), "Version " QAE_VERSION);
    assert_int_equal(cpaDcQueryCapabilities(g_instance, &can), CPA_STATUS_SUCCESS);
    assert_int_equal(can.statelessDeflateCompression, CPA_TRUE);
    assert_int_equal(can.statelessDeflateDecompression, CPA_TRUE);
    assert_int_equal(can.statelessLZ4Compression, CPA_FALSE);
    assert_int_equal(can.integrityCrcs, CPA_FALSE);
    CpaDcCapabilityResp answer{};
    assert_int_equal(
        cpaDcQueryCapabilityByType(g_instance,
                                   {CPA_DC_DEFLATE, CPA_DC_DIR_COMBINED, CPA_DC_CAP_BOOL_STATELESS}, &answer),
        CPA_STATUS_SUCCESS);
    assert_int_equal(answer.boolStatus, CPA_TRUE);
    assert_int_equal(cpaDcQueryCapabilityByType(
                         g_instance, {CPA_DC_LZ4, CPA_DC_DIR_COMBINED, CPA_DC_CAP_BOOL_STATELESS}, &answer),
                     CPA_STATUS_SUCCESS);
    assert_int_equal(answer.boolStatus, CPA_FALSE);
}

void device_events_succeed_when_there_are_none(void **) {
    assert_int_equal(icp_sal_poll_device_events(), CPA_STATUS_SUCCESS);
}

void versions_name_the_endpoint(void **) {
    icp_sal_dev_version_info_t info{};
    assert_int_equal(icp_sal_getDevVersionInfo(0, &info), CPA_STATUS_SUCCESS);
    assert_int_equal(info.devId, 0x37c8);
    assert_string_equal(reinterpret_cast<const char *>(info.softwareVersion), QAE_VERSION);
    assert_int_equal(icp_sal_getDevVersionInfo(5, &info), CPA_STATUS_INVALID_PARAM);
}

// ---- scenes: what a process finds in other environments

void start_without_a_plane() {
    SCENE_CHECK(icp_sal_userIsQatAvailable() == CPA_FALSE);
    SCENE_CHECK(icp_sal_userStart("SHIM") == CPA_STATUS_FAIL);
    Cpa32U bound = 0;
    SCENE_CHECK(cpaDcDeflateCompressBound(nullptr, CPA_DC_HT_STATIC, 100, &bound) == CPA_STATUS_SUCCESS);
}

void plain_mode_without_a_plane_has_no_sections(void **) {
    const Outcome outcome = run_scene("start_without_a_plane", {{"QAT_USER_MODE", "plain"}});
    assert_int_equal(outcome.status, 0);
}

void start_two_of_each() {
    SCENE_CHECK(icp_sal_userIsQatAvailable() == CPA_TRUE);
    SCENE_CHECK(icp_sal_userStart("anything") == CPA_STATUS_SUCCESS);
    Cpa16U cy = 0;
    Cpa16U dc = 0;
    SCENE_CHECK(cpaDcGetNumInstances(&dc) == CPA_STATUS_SUCCESS && dc == 2);
    SCENE_CHECK(cpaGetNumInstances(CPA_ACC_SVC_TYPE_CRYPTO, &cy) == CPA_STATUS_SUCCESS && cy == 2);
    char name[96];
    SCENE_CHECK(qaeGetSectionName(name, sizeof(name)) == CPA_STATUS_SUCCESS);
    SCENE_CHECK(std::strcmp(name, "anything_INT_0") == 0);
    SCENE_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
    SCENE_CHECK(icp_sal_userStop() == CPA_STATUS_FAIL);
}

void plain_mode_with_a_plane_says_so_once_and_has_two_instances_of_each(void **) {
    const Outcome outcome = run_scene("start_two_of_each", software_plane());
    assert_int_equal(outcome.status, 0);
    assert_int_equal(qae::test::lines_with(outcome.err, "QAT_USER_PLANE=software").size(), 1);
}

void start_from_files() {
    SCENE_CHECK(icp_sal_userStart("shim") == CPA_STATUS_SUCCESS);
    Cpa16U dc = 0;
    SCENE_CHECK(cpaDcGetNumInstances(&dc) == CPA_STATUS_SUCCESS && dc == 2);
    CpaInstanceHandle handles[2];
    CpaInstanceInfo2 info{};
    SCENE_CHECK(cpaDcGetInstances(2, handles) == CPA_STATUS_SUCCESS);
    SCENE_CHECK(cpaDcInstanceGetInfo2(handles[1], &info) == CPA_STATUS_SUCCESS);
    SCENE_CHECK(info.physInstId.packageId == 1);
    SCENE_CHECK(std::strcmp(reinterpret_cast<char *>(info.instName), "Dc0") == 0);
    SCENE_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
    SCENE_CHECK(icp_sal_userStart("SHAM") == CPA_STATUS_FAIL && qaeLastErrno() == ENOENT);
    SCENE_CHECK(std::strstr(qaeLastError(), "SHIM") != nullptr);
    SCENE_CHECK(icp_sal_userStart("aPP") == CPA_STATUS_FAIL && qaeLastErrno() == ENOENT);
    SCENE_CHECK(std::strstr(qaeLastError(), "letter case only; use one of \"APP\", \"App\"") != nullptr);
    SCENE_CHECK(icp_sal_userStart("INTERRUPT") == CPA_STATUS_SUCCESS);
    SCENE_CHECK(cpaDcGetInstances(1, handles) == CPA_STATUS_SUCCESS);
    SCENE_CHECK(cpaDcStartInstance(handles[0], 0, nullptr) == CPA_STATUS_UNSUPPORTED);
}

std::string make_folder() {
    char folder[] = "/tmp/qae-conf-XXXXXX";
    assert_non_null(mkdtemp(folder));
    return folder;
}

void write_config(const std::string &folder, const char *name, const std::string &more) {
    std::ofstream(folder + "/" + name)
        << "[SHIM]\nNumProcesses = 2\nLimitDevAccess = 0\nNumberCyInstances = 0\n"
           "NumberDcInstances = 1\nDc0Name = \"Dc0\"\nDc0IsPolled = 1\n"
        << more;
}

Environment with_folder(const std::string &folder) {
    Environment environment = software_plane();
    environment.emplace_back("QAT_USER_CONF", folder);
    return environment;
}

void plain_sections_come_from_the_files_by_the_rules_of_the_tool(void **) {
    const std::string folder = make_folder();
    write_config(folder, "c6xx_dev0.conf",
                 "[INTERRUPT]\nNumProcesses = 1\nNumberCyInstances = 0\nNumberDcInstances = 1\n"
                 "Dc0Name = \"Dc0\"\nDc0IsPolled = 0\n"
                 "[App]\nNumProcesses = 1\nNumberCyInstances = 0\nNumberDcInstances = 0\n"
                 "[APP]\nNumProcesses = 1\nNumberCyInstances = 0\nNumberDcInstances = 0\n");
    write_config(folder, "c6xx_dev1.conf", "");
    const Outcome outcome = run_scene("start_from_files", with_folder(folder));
    std::filesystem::remove_all(folder);
    if (outcome.status != 0) {
        fail_msg("status %d: %s", outcome.status, outcome.err.c_str());
    }
}

void start_from_a_bad_file() {
    SCENE_CHECK(icp_sal_userStart("SHIM") == CPA_STATUS_FAIL && qaeLastErrno() == EINVAL);
    SCENE_CHECK(std::strstr(qaeLastError(), "c6xx_dev0.conf:8:") != nullptr);
}

void a_bad_file_fails_the_start_with_its_line(void **) {
    const std::string folder = make_folder();
    write_config(folder, "c6xx_dev0.conf", "Dc0IsPolled = 9\n");
    const Outcome outcome = run_scene("start_from_a_bad_file", with_folder(folder));
    std::filesystem::remove_all(folder);
    if (outcome.status != 0) {
        fail_msg("status %d: %s", outcome.status, outcome.err.c_str());
    }
}

void start_with_a_missing_plane() {
    SCENE_CHECK(icp_sal_userIsQatAvailable() == CPA_FALSE && qaeLastErrno() == ENOENT);
    SCENE_CHECK(icp_sal_userStart("SHIM") == CPA_STATUS_SUCCESS);
    CpaInstanceHandle handle = nullptr;
    CpaDcInstanceCapabilities can{};
    SCENE_CHECK(cpaDcGetInstances(1, &handle) == CPA_STATUS_SUCCESS);
    SCENE_CHECK(cpaDcQueryCapabilities(handle, &can) == CPA_STATUS_SUCCESS);
    SCENE_CHECK(can.statelessDeflateCompression == CPA_FALSE);
    SCENE_CHECK(cpaDcStartInstance(handle, 0, nullptr) == CPA_STATUS_FAIL);
}

void a_plane_that_is_not_installed_is_reported_once(void **) {
    Environment environment = software_plane();
    environment.back().second = "/nowhere";
    const Outcome outcome = run_scene("start_with_a_missing_plane", environment);
    assert_int_equal(outcome.status, 0);
    assert_int_equal(qae::test::lines_with(outcome.err, "cannot load the data plane").size(), 1);
}

void an_unknown_plane_is_none(void **) {
    const Outcome outcome =
        run_scene("start_without_a_plane", {{"QAT_USER_MODE", "plain"}, {"QAT_USER_PLANE", "quantum"}});
    assert_int_equal(outcome.status, 0);
    assert_int_equal(qae::test::lines_with(outcome.err, "not a data plane").size(), 1);
}

// The place of a function in the tree of devices, as sysfs shows it.
void only_functions_of_the_simulator_are_simulated(void **) {
    namespace fs = std::filesystem;
    const fs::path root = make_folder();
    fs::create_directories(root / "bus");
    fs::create_directories(root / "platform/qae_sim/pci10000:00/10000:00:01.0");
    fs::create_directories(root / "pci0000:00/0000:00:01.0");
    fs::create_directory_symlink("../platform/qae_sim/pci10000:00/10000:00:01.0", root / "bus/10000:00:01.0");
    fs::create_directory_symlink("../pci0000:00/0000:00:01.0", root / "bus/0000:00:01.0");
    const std::string bus = root / "bus";
    assert_true(qae::is_simulated_endpoint(0x10000, 1 << 3, bus.c_str()));
    assert_false(qae::is_simulated_endpoint(0, 1 << 3, bus.c_str()));
    assert_false(qae::is_simulated_endpoint(0x10000, 2 << 3, bus.c_str()));
    assert_false(qae::is_simulated_endpoint(0x10000, 1 << 3, "/nowhere"));
    fs::remove_all(root);
}

int start(void **) {
    const auto instances = qae::test::start_on_software_plane();
    g_instance = instances[0];
    g_other = instances[1];
    return 0;
}

int stop(void **) { return icp_sal_userStop(); }

} // namespace

int main(int argc, char **argv) {
    qae::test::play_scene(argc, argv,
                          {{"start_without_a_plane", start_without_a_plane},
                           {"start_two_of_each", start_two_of_each},
                           {"start_from_files", start_from_files},
                           {"start_from_a_bad_file", start_from_a_bad_file},
                           {"start_with_a_missing_plane", start_with_a_missing_plane}});
    const CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_is_not_pinned_is_refused),
        cmocka_unit_test(private_metadata_that_is_too_small_is_refused),
        cmocka_unit_test(memory_that_was_freed_is_refused),
        cmocka_unit_test(a_buffer_that_exceeds_its_block_is_refused),
        cmocka_unit_test(source_and_destination_must_not_overlap),
        cmocka_unit_test(arguments_that_are_missing_are_refused),
        cmocka_unit_test(a_session_is_for_its_direction),
        cmocka_unit_test(options_that_are_wrong_or_not_offered_are_told_apart),
        cmocka_unit_test(setups_that_are_wrong_or_not_offered_are_told_apart),
        cmocka_unit_test(bounds_need_no_instance),
        cmocka_unit_test(an_update_changes_later_requests),
        cmocka_unit_test(instances_say_that_software_does_the_work),
        cmocka_unit_test(device_events_succeed_when_there_are_none),
        cmocka_unit_test(versions_name_the_endpoint),
        cmocka_unit_test(plain_mode_without_a_plane_has_no_sections),
        cmocka_unit_test(plain_mode_with_a_plane_says_so_once_and_has_two_instances_of_each),
        cmocka_unit_test(plain_sections_come_from_the_files_by_the_rules_of_the_tool),
        cmocka_unit_test(a_bad_file_fails_the_start_with_its_line),
        cmocka_unit_test(a_plane_that_is_not_installed_is_reported_once),
        cmocka_unit_test(an_unknown_plane_is_none),
        cmocka_unit_test(only_functions_of_the_simulator_are_simulated),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
