/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * @brief What all services of the QuickAssist API share: status values, buffers, instances.
 *
 * @par Errors
 * A function that fails leaves its output as it was, unless it says otherwise. It records a
 * sentence with the reason for the calling thread: see qaeLastError().
 *
 * @par Threads
 * Every function may be called from any thread at any time, but not from a signal handler.
 *
 * @par Cancellation
 * A request to cancel the thread (pthread_cancel()) stays pending while a function runs. It takes
 * effect at the next cancellation point of the thread after that.
 *
 * @par Fork
 * A child of fork() holds nothing. Handles of its parent are invalid there, and its own
 * icp_sal_userStart() gives it new ones.
 */
#ifndef CPA_H
#define CPA_H

#include "cpa_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * @brief The major version of the QuickAssist API whose names, values and layouts these headers
 *        have.
 */
#define CPA_API_VERSION_NUM_MAJOR (5)
/**
 * @brief The minor version.
 *
 * It is 0: these headers promise no function that a later version added.
 */
#define CPA_API_VERSION_NUM_MINOR (0)

/**
 * @brief Tests whether the version is @p major . @p minor or a later one.
 *
 * @param[in] major major version
 * @param[in] minor minor version
 *
 * @return non-zero if it is
 */
#define CPA_API_VERSION_AT_LEAST(major, minor)                                                     \
    (CPA_API_VERSION_NUM_MAJOR > (major) ||                                                        \
     (CPA_API_VERSION_NUM_MAJOR == (major) && CPA_API_VERSION_NUM_MINOR >= (minor)))

/**
 * @brief Tests whether the version is earlier than @p major . @p minor.
 *
 * @param[in] major major version
 * @param[in] minor minor version
 *
 * @return non-zero if it is
 */
#define CPA_API_VERSION_LESS_THAN(major, minor) (!CPA_API_VERSION_AT_LEAST(major, minor))

/**
 * @brief Names an instance.
 *
 * The value is opaque and must not be dereferenced. It is valid from the call that returned it
 * until the instance is freed, or until the last icp_sal_userStop(). Every function that takes a
 * handle refuses any other value with CPA_STATUS_INVALID_PARAM.
 */
typedef void *CpaInstanceHandle;

/** @brief Means "the only instance" to some clients; no instance has this handle. */
#define CPA_INSTANCE_HANDLE_SINGLE ((CpaInstanceHandle)0)

/** @brief An address as the device sees it. */
typedef Cpa64U CpaPhysicalAddr;

/**
 * @brief A function that translates an address of the process to one that the device uses.
 *
 * @param[in] pVirtualAddr address in the process
 *
 * @return the address that the device uses; 0 if there is none
 */
typedef CpaPhysicalAddr (*CpaVirtualToPhysical)(void *pVirtualAddr);

/* ------------------------------------------------------------------ status */

/** @brief The result of a function: one of CPA_STATUS_*. */
typedef Cpa32S CpaStatus;

#define CPA_STATUS_SUCCESS (0)        /**< done */
#define CPA_STATUS_FAIL (-1)          /**< not done; see qaeLastError() */
#define CPA_STATUS_RETRY (-2)         /**< not now; the same call may succeed later */
#define CPA_STATUS_RESOURCE (-3)      /**< the call asked for more than there is */
#define CPA_STATUS_INVALID_PARAM (-4) /**< an argument is not valid */
#define CPA_STATUS_FATAL (-5)         /**< the instance cannot be used any more */
#define CPA_STATUS_UNSUPPORTED (-6)   /**< a valid request that is not offered here */
#define CPA_STATUS_RESTARTING (-7)    /**< the device is restarting; try again */

/** @brief The words for CPA_STATUS_SUCCESS. */
#define CPA_STATUS_STR_SUCCESS ("done")
/** @brief The words for CPA_STATUS_FAIL. */
#define CPA_STATUS_STR_FAIL ("failed; qaeLastError() has the reason")
/** @brief The words for CPA_STATUS_RETRY. */
#define CPA_STATUS_STR_RETRY ("not possible now; try again")
/** @brief The words for CPA_STATUS_RESOURCE. */
#define CPA_STATUS_STR_RESOURCE ("more was asked for than there is")
/** @brief The words for CPA_STATUS_INVALID_PARAM. */
#define CPA_STATUS_STR_INVALID_PARAM ("an argument is not valid")
/** @brief The words for CPA_STATUS_FATAL. */
#define CPA_STATUS_STR_FATAL ("the instance cannot be used any more")
/** @brief The words for CPA_STATUS_UNSUPPORTED. */
#define CPA_STATUS_STR_UNSUPPORTED ("not supported")
/** @brief The words for CPA_STATUS_RESTARTING. */
#define CPA_STATUS_STR_RESTARTING ("the device is restarting; try again")

/** @brief Bytes of the buffer that the status text functions write to. */
#define CPA_STATUS_MAX_STR_LENGTH_IN_BYTES (255)

/* ----------------------------------------------------------------- buffers */

/** @brief A piece of memory that is contiguous in the process. */
typedef struct _CpaFlatBuffer {
    Cpa32U dataLenInBytes; /**< bytes at pData */
    Cpa8U *pData;          /**< the data */
} CpaFlatBuffer;

/** @brief A list of pieces that together are one buffer. */
typedef struct _CpaBufferList {
    Cpa32U numBuffers;       /**< elements of pBuffers */
    CpaFlatBuffer *pBuffers; /**< the pieces */
    void *pUserData;         /**< belongs to the client; the library never uses it */
    void *pPrivateMetaData;  /**< scratch memory for the implementation */
} CpaBufferList;

/** @brief A piece of memory that is contiguous for the device. */
typedef struct _CpaPhysFlatBuffer {
    Cpa32U dataLenInBytes;          /**< bytes at bufferPhysAddr */
    Cpa32U reserved;                /**< always 0 */
    CpaPhysicalAddr bufferPhysAddr; /**< address of the data for the device */
} CpaPhysFlatBuffer;

/* C89 and C++ have no flexible array member. gcc accepts one without a warning after __extension__,
 * clang only with this pragma. */
#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc99-extensions"
#endif
/** @brief A list of pieces by device address. */
typedef struct _CpaPhysBufferList {
    Cpa64U reserved0;                              /**< always 0 */
    Cpa32U numBuffers;                             /**< elements of flatBuffers */
    Cpa32U reserved1;                              /**< always 0 */
    __extension__ CpaPhysFlatBuffer flatBuffers[]; /**< the pieces */
} CpaPhysBufferList;
#ifdef __clang__
#pragma clang diagnostic pop
#endif

/**
 * @brief Stands in a length of the data plane API: the buffer is a CpaPhysBufferList, not an array
 *        of bytes.
 */
#define CPA_DP_BUFLIST ((Cpa32U)0xFFFFFFFF)

/** @brief How a CRC other than the standard one is computed. */
typedef struct _CpaCrcControlData {
    Cpa64U polynomial;     /**< generator polynomial */
    Cpa64U initialValue;   /**< value of the register at the start */
    CpaBoolean reflectIn;  /**< reflect every byte of the input */
    CpaBoolean reflectOut; /**< reflect the result */
    Cpa64U xorOut;         /**< xored with the result */
} CpaCrcControlData;

/* --------------------------------------------------------------- instances */

/** @brief The service of an instance, or of a class of instances. */
typedef enum _CpaAccelerationServiceType {
    CPA_ACC_SVC_TYPE_CRYPTO = 0,            /**< crypto: symmetric, asymmetric or both */
    CPA_ACC_SVC_TYPE_DATA_COMPRESSION = 1,  /**< compression */
    CPA_ACC_SVC_TYPE_RAID = 2,              /**< not offered */
    CPA_ACC_SVC_TYPE_XML = 3,               /**< not offered */
    CPA_ACC_SVC_TYPE_PATTERN_MATCH = 4,     /**< not offered */
    CPA_ACC_SVC_TYPE_VIDEO_ANALYTICS = 4,   /**< not offered */
    CPA_ACC_SVC_TYPE_CRYPTO_ASYM = 5,       /**< asymmetric crypto only */
    CPA_ACC_SVC_TYPE_CRYPTO_SYM = 6,        /**< symmetric crypto only */
    CPA_ACC_SVC_TYPE_DATA_DECOMPRESSION = 7 /**< decompression only; no instance has it */
} CpaAccelerationServiceType;

/** @brief The kind of an instance in the deprecated CpaInstanceInfo. */
typedef enum _CpaInstanceType {
    CPA_INSTANCE_TYPE_CRYPTO = 0,           /**< crypto */
    CPA_INSTANCE_TYPE_DATA_COMPRESSION = 1, /**< compression */
    CPA_INSTANCE_TYPE_RAID = 2,             /**< not offered */
    CPA_INSTANCE_TYPE_XML = 3,              /**< not offered */
    CPA_INSTANCE_TYPE_REGEX = 4             /**< not offered */
} CpaInstanceType;

/** @brief The state of an instance in the deprecated CpaInstanceInfo. */
typedef enum _CpaInstanceState {
    CPA_INSTANCE_STATE_INITIALISED = 0, /**< ready for requests */
    CPA_INSTANCE_STATE_SHUTDOWN = 1     /**< shut down */
} CpaInstanceState;

/** @brief Whether an instance takes requests. */
typedef enum _CpaOperationalState {
    CPA_OPER_STATE_DOWN = 0, /**< not started, or its endpoint is gone */
    CPA_OPER_STATE_UP = 1    /**< started */
} CpaOperationalState;

/** @brief What can happen to an instance. */
typedef enum _CpaInstanceEvent {
    CPA_INSTANCE_EVENT_RESTARTING = 0, /**< the device is restarting */
    CPA_INSTANCE_EVENT_RESTARTED = 1,  /**< the device has restarted */
    CPA_INSTANCE_EVENT_FATAL_ERROR = 2 /**< the instance cannot be used any more */
} CpaInstanceEvent;

/** @brief How a client would like instances to be found. */
typedef enum _CpaInstanceAllocPolicy {
    CPA_INST_ALLOC_NONE = 0,            /**< no preference */
    CPA_INST_ALLOC_PREFER_EXISTING = 1, /**< rather an instance that exists */
    CPA_INST_ALLOC_PREFER_NEW = 2       /**< rather a new instance */
} CpaInstanceAllocPolicy;

/* Sizes of texts, in bytes and with the NUL. */
#define CPA_INST_VENDOR_NAME_SIZE (64)              /**< size of CpaInstanceInfo2::vendorName */
#define CPA_INST_PART_NAME_SIZE (64)                /**< size of CpaInstanceInfo2::partName */
#define CPA_INST_SW_VERSION_SIZE (64)               /**< size of CpaInstanceInfo2::swVersion */
#define CPA_INST_NAME_SIZE (64)                     /**< size of CpaInstanceInfo2::instName */
#define CPA_INST_ID_SIZE (128)                      /**< size of CpaInstanceInfo2::instID */
#define CPA_INSTANCE_MAX_NAME_SIZE_IN_BYTES (64)    /**< size of CpaInstanceInfo::name */
#define CPA_INSTANCE_MAX_ID_SIZE_IN_BYTES (128)     /**< size of an instance id in old clients */
#define CPA_INSTANCE_MAX_VERSION_SIZE_IN_BYTES (64) /**< size of CpaInstanceInfo::version */

/** @brief Number of bits of CpaInstanceInfo2::coreAffinity. */
#define CPA_MAX_CORES (4096)

/** @brief The physical place of an instance. */
typedef struct _CpaPhysicalInstanceId {
    Cpa16U packageId;         /**< accelerator id: the N of qat_dev<N>, low 16 bits */
    Cpa16U acceleratorId;     /**< the same number as packageId */
    Cpa16U executionEngineId; /**< always 0 */
    Cpa16U busAddress;        /**< bus << 8 | device << 3 | function; the domain is not here */
    Cpa32U kptAcHandle;       /**< always 0 */
} CpaPhysicalInstanceId;

/**
 * @brief Facts about an instance.
 *
 * Texts end with a NUL.
 */
typedef struct _CpaInstanceInfo2 {
    CpaAccelerationServiceType accelerationServiceType; /**< service */
    Cpa8U vendorName[CPA_INST_VENDOR_NAME_SIZE];        /**< "Intel(R)" */
    Cpa8U partName[CPA_INST_PART_NAME_SIZE];   /**< "c6xx with Intel(R) QuickAssist Technology" */
    Cpa8U swVersion[CPA_INST_SW_VERSION_SIZE]; /**< "Version " and that of the library */
    Cpa8U instName[CPA_INST_NAME_SIZE];        /**< name in the configuration: "SSL0" */
    Cpa8U instID[CPA_INST_ID_SIZE];            /**< "SSL_DEV0_INT_2_SSL0"; if dynamic, "DYN_DYN0" */
    CpaPhysicalInstanceId physInstId;          /**< endpoint */
    CPA_BITMAP(coreAffinity, CPA_MAX_CORES);   /**< CoreAffinity for this process; may be empty */
    Cpa32U nodeAffinity;                       /**< NUMA node of the endpoint; 0 if unknown */
    CpaOperationalState operState; /**< up after cpaCyStartInstance() or cpaDcStartInstance() */
    CpaBoolean requiresPhysicallyContiguousMemory; /**< always CPA_TRUE */
    CpaBoolean isPolled;    /**< CPA_TRUE: the client polls, all the time or when epoll says so;
                                 CPA_FALSE: interrupts */
    CpaBoolean isOffloaded; /**< CPA_TRUE: a device does the work, not the CPU */
} CpaInstanceInfo2;

/** @brief The old form of CpaInstanceInfo2; no function fills it. */
typedef struct _CpaInstanceInfo {
    enum _CpaInstanceType type;                            /**< kind of the instance */
    enum _CpaInstanceState state;                          /**< state of the instance */
    Cpa8U name[CPA_INSTANCE_MAX_NAME_SIZE_IN_BYTES];       /**< name of the instance */
    Cpa8U version[CPA_INSTANCE_MAX_VERSION_SIZE_IN_BYTES]; /**< version of the implementation */
} CpaInstanceInfo;

/**
 * @brief Counts the instances of this process that serve one type: static ones and dynamic ones.
 *
 * @param[in] accelerationServiceType CPA_ACC_SVC_TYPE_CRYPTO for all crypto instances, as
 *            cpaCyGetNumInstances() counts them; CPA_ACC_SVC_TYPE_CRYPTO_ASYM or
 *            CPA_ACC_SVC_TYPE_CRYPTO_SYM for those that serve only that;
 *            CPA_ACC_SVC_TYPE_DATA_COMPRESSION for compression instances, as cpaDcGetNumInstances()
 *            counts them; CPA_ACC_SVC_TYPE_DATA_DECOMPRESSION for instances that only decompress,
 *            which no endpoint has
 * @param[out] pNumInstances the number; 0 before icp_sal_userStart()
 *
 * @retval CPA_STATUS_SUCCESS the number is written
 * @retval CPA_STATUS_INVALID_PARAM @p pNumInstances is NULL, or the type is not one of
 *         CpaAccelerationServiceType
 * @retval CPA_STATUS_UNSUPPORTED the type is CPA_ACC_SVC_TYPE_RAID, CPA_ACC_SVC_TYPE_XML,
 *         CPA_ACC_SVC_TYPE_PATTERN_MATCH or CPA_ACC_SVC_TYPE_VIDEO_ANALYTICS
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() has no instances at first.
 *
 * @par Clauses
 * DYN-15
 */
CpaStatus cpaGetNumInstances(const CpaAccelerationServiceType accelerationServiceType,
                             Cpa16U *pNumInstances);

/**
 * @brief Lists the instances of this process that serve one type, ordered by accelerator id.
 *
 * Static and dynamic instances are listed.
 *
 * @param[in] accelerationServiceType CPA_ACC_SVC_TYPE_CRYPTO for all crypto instances, as
 *            cpaCyGetNumInstances() counts them; CPA_ACC_SVC_TYPE_CRYPTO_ASYM or
 *            CPA_ACC_SVC_TYPE_CRYPTO_SYM for those that serve only that;
 *            CPA_ACC_SVC_TYPE_DATA_COMPRESSION for compression instances, as cpaDcGetNumInstances()
 *            counts them; CPA_ACC_SVC_TYPE_DATA_DECOMPRESSION for instances that only decompress,
 *            which no endpoint has
 * @param[in] numInstances handles wanted, 1 or more: the first that many are written
 * @param[out] pInstances array of @p numInstances elements, which receives the handles
 *
 * @retval CPA_STATUS_SUCCESS the array is filled
 * @retval CPA_STATUS_INVALID_PARAM @p pInstances is NULL, @p numInstances is 0, or the type is not
 *         one of CpaAccelerationServiceType
 * @retval CPA_STATUS_UNSUPPORTED the type is CPA_ACC_SVC_TYPE_RAID, CPA_ACC_SVC_TYPE_XML,
 *         CPA_ACC_SVC_TYPE_PATTERN_MATCH or CPA_ACC_SVC_TYPE_VIDEO_ANALYTICS
 * @retval CPA_STATUS_RESOURCE the process has fewer; nothing is written
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * A child of fork() has no instances at first.
 *
 * @par Clauses
 * DYN-15
 */
CpaStatus cpaGetInstances(const CpaAccelerationServiceType accelerationServiceType,
                          Cpa16U numInstances, CpaInstanceHandle *pInstances);

/**
 * @brief Describes an instance of either service.
 *
 * @param[in] instanceHandle an instance of this process
 * @param[out] pInstanceInfo2 receives the description, all fields of it
 *
 * @retval CPA_STATUS_SUCCESS the description is written; also after the endpoint is gone, and
 *         operState is CPA_OPER_STATE_DOWN then
 * @retval CPA_STATUS_INVALID_PARAM a pointer is NULL, or @p instanceHandle is not an instance of
 *         this process
 *
 * @par Threads
 * Any thread, also while another thread frees the instance.
 *
 * @par Fork
 * Handles of the parent are invalid in a child of fork().
 *
 * @par Clauses
 * DYN-12, DYN-15
 */
CpaStatus cpaInstanceGetInfo2(const CpaInstanceHandle instanceHandle,
                              CpaInstanceInfo2 *pInstanceInfo2);

/**
 * @brief Translates a status value to words.
 *
 * The words say what the value means. qaeLastError() says why a function returned it.
 *
 * @param[in] instanceHandle ignored; may be NULL
 * @param[in] errStatus a CPA_STATUS_* value
 * @param[out] pStatusText buffer of #CPA_STATUS_MAX_STR_LENGTH_IN_BYTES bytes, which receives the
 *             words and their NUL
 *
 * @retval CPA_STATUS_SUCCESS the words are written
 * @retval CPA_STATUS_INVALID_PARAM @p pStatusText is NULL, or @p errStatus is not a status value;
 *         nothing is written
 *
 * @par Threads
 * Any thread, at any time.
 *
 * @par Fork
 * Works in a child of fork() too.
 */
CpaStatus cpaGetStatusText(const CpaInstanceHandle instanceHandle, CpaStatus errStatus,
                           Cpa8S *pStatusText);

#ifdef __cplusplus
}
#endif

#endif /* CPA_H */
