/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compress: a small compression service. It reads standard input and writes gzip, one member for
 * each block, with several requests in flight on all compression instances of its section.
 *
 * Written as applications of the API are: sessions, pinned buffers, asynchronous requests,
 * callbacks, a poll on the descriptors of the instances. To try it without a card:
 *
 *   QAT_USER_MODE=plain QAT_USER_PLANE=software qae_compress [SECTION] < FILE > FILE.gz
 */
#include <icp_sal_poll.h>
#include <icp_sal_user.h>
#include <poll.h>
#include <qae_mem.h>
#include <qae_mem_ext.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dc/cpa_dc.h>

enum { MAX_INSTANCES = 16, JOBS_EACH = 4, BLOCK = 65536, FRAME = 32 };

struct job {
    CpaInstanceHandle instance;
    CpaDcSessionHandle session;
    CpaFlatBuffer from;
    CpaFlatBuffer to;
    CpaBufferList source;
    CpaBufferList destination;
    CpaDcRqResults results;
    CpaStatus status;
    size_t length; /* of this block in from */
    int pending;
};

static void die(const char *what) {
    fprintf(stderr, "compress: %s: %s\n", what, qaeLastError());
    exit(1);
}

static void check(CpaStatus status, const char *what) {
    if (status != CPA_STATUS_SUCCESS) {
        die(what);
    }
}

static void *pinned(size_t size) {
    void *block = qaeMemAllocNUMA(size, NUMA_ANY_NODE, 64);

    if (!block) {
        die("qaeMemAllocNUMA");
    }
    return block;
}

/* Runs in the thread that polls. */
static void on_done(void *tag, CpaStatus status) {
    struct job *job = tag;

    job->status = status;
    job->pending = 0;
}

static CpaDcSessionHandle open_session(CpaInstanceHandle instance) {
    CpaDcSessionSetupData setup;
    Cpa32U size = 0;
    Cpa32U context = 0;
    CpaDcSessionHandle session;

    memset(&setup, 0, sizeof(setup));
    setup.compLevel = CPA_DC_L6;
    setup.compType = CPA_DC_DEFLATE;
    setup.huffType = CPA_DC_HT_FULL_DYNAMIC;
    setup.autoSelectBestHuffmanTree = CPA_DC_ASB_ENABLED;
    setup.sessDirection = CPA_DC_DIR_COMPRESS;
    setup.sessState = CPA_DC_STATELESS;
    setup.windowSize = CPA_DC_WINSIZE_32K;
    setup.checksum = CPA_DC_CRC32;
    check(cpaDcGetSessionSize(instance, &setup, &size, &context), "cpaDcGetSessionSize");
    session = pinned(size);
    check(cpaDcInitSession(instance, session, &setup, NULL, on_done), "cpaDcInitSession");
    return session;
}

static void make_list(CpaInstanceHandle instance, CpaBufferList *list, CpaFlatBuffer *buffer, Cpa32U size) {
    Cpa32U meta = 0;

    check(cpaDcBufferListGetMetaSize(instance, 1, &meta), "cpaDcBufferListGetMetaSize");
    buffer->dataLenInBytes = size;
    buffer->pData = pinned(size);
    list->numBuffers = 1;
    list->pBuffers = buffer;
    list->pPrivateMetaData = pinned(meta);
}

static void make_job(struct job *job, CpaInstanceHandle instance, CpaDcSessionHandle session) {
    Cpa32U bound = 0;

    memset(job, 0, sizeof(*job));
    job->instance = instance;
    job->session = session;
    check(cpaDcDeflateCompressBound(instance, CPA_DC_HT_FULL_DYNAMIC, BLOCK, &bound),
          "cpaDcDeflateCompressBound");
    make_list(instance, &job->source, &job->from, BLOCK);
    make_list(instance, &job->destination, &job->to, bound);
}

/* Reads the next block and submits it. 0 at the end of the input. */
static int feed(struct job *job) {
    CpaDcOpData options;
    CpaStatus status;

    job->length = fread(job->from.pData, 1, BLOCK, stdin);
    if (ferror(stdin)) {
        perror("compress: cannot read standard input");
        exit(1);
    }
    if (job->length == 0) {
        return 0;
    }
    job->from.dataLenInBytes = (Cpa32U)job->length;
    memset(&job->results, 0, sizeof(job->results));
    memset(&options, 0, sizeof(options));
    options.flushFlag = CPA_DC_FLUSH_FINAL;
    options.compressAndVerify = CPA_TRUE;
    job->pending = 1;
    do {
        status = cpaDcCompressData2(job->instance, job->session, &job->source, &job->destination, &options,
                                    &job->results, job);
    } while (status == CPA_STATUS_RETRY && icp_sal_DcPollInstance(job->instance, 0) != CPA_STATUS_FAIL);
    check(status, "cpaDcCompressData2");
    return 1;
}

static void wait_for(const struct job *job) {
    int fd = -1;

    check(icp_sal_DcGetFileDescriptor(job->instance, &fd), "icp_sal_DcGetFileDescriptor");
    while (job->pending) {
        struct pollfd wanted = {fd, POLLIN, 0};

        poll(&wanted, 1, 1000);
        if (icp_sal_DcPollInstance(job->instance, 0) == CPA_STATUS_FAIL) {
            die("icp_sal_DcPollInstance");
        }
    }
}

/* A member of gzip has the length of its own block, so it is written without the session's total. */
static void write_member(struct job *job) {
    CpaDcNsSetupData setup;
    Cpa8U bytes[FRAME];
    CpaFlatBuffer frame = {sizeof(bytes), bytes};
    Cpa32U count = 0;
    Cpa32U produced = job->results.produced;

    if (job->status != CPA_STATUS_SUCCESS || job->results.status != CPA_DC_OK) {
        fprintf(stderr, "compress: a request failed: %d\n", job->results.status);
        exit(1);
    }
    memset(&setup, 0, sizeof(setup));
    setup.compLevel = CPA_DC_L6;
    setup.compType = CPA_DC_DEFLATE;
    setup.sessDirection = CPA_DC_DIR_COMPRESS;
    setup.checksum = CPA_DC_CRC32;
    check(cpaDcNsGenerateHeader(&setup, &frame, &count), "cpaDcNsGenerateHeader");
    fwrite(bytes, 1, count, stdout);
    fwrite(job->to.pData, 1, produced, stdout);
    check(cpaDcNsGenerateFooter(&setup, job->length, &frame, &job->results), "cpaDcNsGenerateFooter");
    fwrite(bytes, 1, job->results.produced - produced, stdout);
}

static unsigned start(const char *section, CpaInstanceHandle *instances) {
    Cpa16U number = 0;

    check(icp_sal_userStart(section), "icp_sal_userStart");
    check(cpaDcGetNumInstances(&number), "cpaDcGetNumInstances");
    number = number < MAX_INSTANCES ? number : MAX_INSTANCES;
    if (number == 0) {
        fprintf(stderr, "compress: the section has no compression instance\n");
        exit(1);
    }
    check(cpaDcGetInstances(number, instances), "cpaDcGetInstances");
    for (unsigned i = 0; i < number; ++i) {
        CpaDcInstanceCapabilities can;

        check(cpaDcQueryCapabilities(instances[i], &can), "cpaDcQueryCapabilities");
        if (!can.statelessDeflateCompression || !can.checksumCRC32) {
            fprintf(stderr,
                    "compress: nothing serves the instances; use a card, or QAT_USER_PLANE=software\n");
            exit(1);
        }
        check(cpaDcSetAddressTranslation(instances[i], qaeVirtToPhysNUMA), "cpaDcSetAddressTranslation");
        check(cpaDcStartInstance(instances[i], 0, NULL), "cpaDcStartInstance");
    }
    return number;
}

int main(int argc, char **argv) {
    static struct job jobs[MAX_INSTANCES * JOBS_EACH];
    CpaInstanceHandle instances[MAX_INSTANCES];
    CpaDcSessionHandle sessions[MAX_INSTANCES];
    const unsigned number = start(argc > 1 ? argv[1] : "SHIM", instances);
    const unsigned slots = number * JOBS_EACH;
    unsigned long next = 0; /* block to read */
    unsigned long done = 0; /* block to write: in the order of the input */

    for (unsigned i = 0; i < number; ++i) {
        sessions[i] = open_session(instances[i]);
    }
    for (unsigned i = 0; i < slots; ++i) {
        make_job(&jobs[i], instances[i % number], sessions[i % number]);
    }
    for (int more = 1; more || done < next;) {
        while (more && next - done < slots) {
            more = feed(&jobs[next % slots]);
            next += more ? 1 : 0;
        }
        if (done < next) {
            wait_for(&jobs[done % slots]);
            write_member(&jobs[done % slots]);
            ++done;
        }
    }
    for (unsigned i = 0; i < number; ++i) {
        check(cpaDcRemoveSession(instances[i], sessions[i]), "cpaDcRemoveSession");
    }
    check(icp_sal_userStop(), "icp_sal_userStop");
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("compress: cannot write standard output");
        return 1;
    }
    return 0;
}
