// SPDX-License-Identifier: BSD-3-Clause
// What a data plane is. The library checks requests, owns sessions and callbacks, and limits how many
// requests an instance has; a plane executes them. Objects of a plane are used through these classes only, so
// that neither side links the other.
//
// A request belongs to the plane from submit() until poll() or cancel() returns it.
#ifndef QAE_LIB_PLANE_PLANE_H
#define QAE_LIB_PLANE_PLANE_H

#include <cpa_dc.h>

#include <cstdint>
#include <memory>
#include <span>

namespace qae::plane {

// Changes with every change of this file: library and plane are built together.
inline constexpr std::uint32_t kAbi = 1;

// A part of a request's memory, mapped in this process and contiguous.
struct Piece {
    std::uint8_t *data;
    std::uint32_t length;
};

// What a stateful session keeps between its requests. It is used by one request at a time.
class DcStream {
public:
    virtual ~DcStream() = default;
    // Forgets everything, as at the beginning.
    virtual void reset() noexcept = 0;
};

struct DcRequest {
    DcRequest *next = nullptr;                       // the plane's while it has the request
    CpaDcSessionDir direction = CPA_DC_DIR_COMPRESS; // never CPA_DC_DIR_COMBINED
    CpaDcSessionSetupData setup{};
    CpaDcFlush flush = CPA_DC_FLUSH_FINAL;
    bool verify = false;        // decompress the output and compare
    bool recover = false;       // store the source if they differ
    bool spoil = false;         // damage the output before it is verified, to try both
    DcStream *stream = nullptr; // nullptr: stateless
    std::span<const Piece> source;
    std::span<const Piece> destination;
    // In: checksum is the seed of a stateless request. Out: all of it.
    CpaDcRqResults results{};
    bool recovered = false; // out: stored blocks replaced the output
};

// A started compression instance. submit(), cancel() and descriptor() may be called by any threads at any
// time, poll() by one thread at a time.
class DcInstance {
public:
    virtual ~DcInstance() = default;

    // False if the plane takes no request now.
    virtual bool submit(DcRequest &request) noexcept = 0;

    // The next request that is complete, in the order of submission; nullptr if there is none.
    virtual DcRequest *poll() noexcept = 0;

    // Takes back the requests that are not complete, linked in their order. One that poll() is executing in
    // another thread is not among them.
    virtual DcRequest *cancel() noexcept = 0;

    // A descriptor that is readable while poll() would return a request, or -errno. The instance owns it.
    virtual int descriptor() noexcept = 0;
};

class Plane {
public:
    // A word for part names and messages.
    virtual const char *name() const noexcept = 0;

    // Whether a device does the work, not the CPU.
    virtual bool is_offloaded() const noexcept = 0;

    virtual void describe_dc(CpaDcInstanceCapabilities &capabilities) const noexcept = 0;

    // Starts an instance that is going to have at most @depth requests. nullptr: there is no memory.
    virtual std::unique_ptr<DcInstance> start_dc(unsigned depth) noexcept = 0;

    // nullptr: there is no memory.
    virtual std::unique_ptr<DcStream> open_stream(const CpaDcSessionSetupData &setup) noexcept = 0;

protected:
    // A plane exists until the process ends.
    ~Plane() = default;
};

// The one symbol that a plane exports has this name and type. It returns nullptr if @abi is not the plane's
// kAbi.
inline constexpr char kEntry[] = "qae_plane_open";
using Entry = Plane *(*)(std::uint32_t abi);

} // namespace qae::plane

#endif // QAE_LIB_PLANE_PLANE_H
