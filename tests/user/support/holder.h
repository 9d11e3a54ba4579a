// SPDX-License-Identifier: BSD-3-Clause
// A worker that starts on a section, reports what it got or why not, and holds it until the test continues
// it.
#ifndef QAE_TESTS_SUPPORT_HOLDER_H
#define QAE_TESTS_SUPPORT_HOLDER_H

#include <cpa_cy_common.h>
#include <icp_sal_user.h>
#include <icp_sal_user_ext.h>
#include <qae_mem_ext.h>

#include <string>
#include <vector>

#include "support/worker.h"

namespace guest {

inline std::string section_of_this_process() {
    char name[QAE_SECTION_NAME_MAX] = "?";
    qaeGetSectionName(name, sizeof(name));
    return name;
}

inline std::vector<CpaInstanceHandle> crypto_instances() {
    Cpa16U number = 0;
    cpaCyGetNumInstances(&number);
    std::vector<CpaInstanceHandle> handles(number);
    if (number != 0 && cpaCyGetInstances(number, handles.data()) != CPA_STATUS_SUCCESS) {
        handles.clear();
    }
    return handles;
}

class Holder {
public:
    explicit Holder(const std::string &name)
        : worker_([name](Channel &channel) {
              const bool started = icp_sal_userStart(name.c_str()) == CPA_STATUS_SUCCESS;
              channel.say(started ? "yes" : "no");
              channel.say(started ? section_of_this_process() : qaeLastError());
              if (channel.hear() == "stop" && started) {
                  WORKER_CHECK(icp_sal_userStop() == CPA_STATUS_SUCCESS);
              }
              return 0;
          }) {}

    // Waits until the worker has started or failed to.
    bool started() {
        learn();
        return answer_ == "yes";
    }
    // The internal section it holds, or the reason why it holds none.
    const std::string &text() {
        learn();
        return text_;
    }
    int stop() {
        worker_.say("stop");
        return worker_.wait();
    }
    // Ends it without icp_sal_userStop().
    int exit() {
        worker_.say("exit");
        return worker_.wait();
    }
    int kill(int signal) {
        worker_.kill(signal);
        return worker_.wait();
    }
    Worker &worker() noexcept { return worker_; }
    pid_t pid() const noexcept { return worker_.pid(); }

private:
    void learn() {
        if (answer_.empty()) {
            answer_ = worker_.hear();
            text_ = worker_.hear();
        }
    }

    Worker worker_;
    std::string answer_;
    std::string text_;
};

} // namespace guest

#endif // QAE_TESTS_SUPPORT_HOLDER_H
