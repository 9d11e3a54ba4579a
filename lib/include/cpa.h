/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cpa.h - what all services of the QuickAssist API share: status values, buffers, instances.
 *
 * All functions may be called from any thread at any time. A function that fails leaves its
 * output as it was unless it says otherwise, and keeps a sentence with the reason for the
 * calling thread: qaeLastError() in qae_mem_ext.h.
 *
 * The cancellation of a thread (pthread_cancel) is held off while a function runs and acts at
 * the thread's next cancellation point after it.
 *
 * A child of fork() holds nothing: handles of its parent are invalid there, its own
 * icp_sal_userStart() gives it new ones.
 */
#ifndef CPA_H
#define CPA_H

#include "cpa_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Names an instance. Opaque: never follow it. Valid from the call that gave it until it is
 * freed, or until the last icp_sal_userStop(). Any other value is refused with
 * CPA_STATUS_INVALID_PARAM by every function that takes one.
 */
typedef void *CpaInstanceHandle;

/** Means "the only instance" to some clients; no instance has this handle. */
#define CPA_INSTANCE_HANDLE_SINGLE ((CpaInstanceHandle)0)

/** An address as the device sees it. */
typedef Cpa64U CpaPhysicalAddr;

/** Translates an address of the process into an address for the device; 0 if it cannot. */
typedef CpaPhysicalAddr (*CpaVirtualToPhysical)(void *pVirtualAddr);

/* ------------------------------------------------------------------ status */

/** Result of a function: one of CPA_STATUS_*. */
typedef Cpa32S CpaStatus;

#define CPA_STATUS_SUCCESS (0)        /**< done */
#define CPA_STATUS_FAIL (-1)          /**< not done; see qaeLastError() */
#define CPA_STATUS_RETRY (-2)         /**< not now; the same call may succeed later */
#define CPA_STATUS_RESOURCE (-3)      /**< more was asked for than there is */
#define CPA_STATUS_INVALID_PARAM (-4) /**< an argument can never be right */
#define CPA_STATUS_FATAL (-5)         /**< the instance cannot be used any more */
#define CPA_STATUS_UNSUPPORTED (-6)   /**< a right request that is not offered here */
#define CPA_STATUS_RESTARTING (-7)    /**< the device is restarting; try again */

/* The texts that cpaGetStatusText() gives. */
#define CPA_STATUS_STR_SUCCESS ("done")
#define CPA_STATUS_STR_FAIL ("failed; qaeLastError() has the reason")
#define CPA_STATUS_STR_RETRY ("not possible now; try again")
#define CPA_STATUS_STR_RESOURCE ("more was asked for than there is")
#define CPA_STATUS_STR_INVALID_PARAM ("an argument is not valid")
#define CPA_STATUS_STR_FATAL ("the instance cannot be used any more")
#define CPA_STATUS_STR_UNSUPPORTED ("not supported")
#define CPA_STATUS_STR_RESTARTING ("the device is restarting; try again")

/** Size of the buffer that the status text functions write to, bytes. */
#define CPA_STATUS_MAX_STR_LENGTH_IN_BYTES (255)

/* ----------------------------------------------------------------- buffers */

/** A piece of memory, contiguous in the process. */
typedef struct _CpaFlatBuffer {
    Cpa32U dataLenInBytes; /**< bytes at pData */
    Cpa8U *pData;          /**< the data */
} CpaFlatBuffer;

/** A list of pieces that together are one buffer. */
typedef struct _CpaBufferList {
    Cpa32U numBuffers;       /**< elements of pBuffers */
    CpaFlatBuffer *pBuffers; /**< the pieces */
    void *pUserData;         /**< the client's own; never used by the library */
    void *pPrivateMetaData;  /**< scratch memory for the implementation */
} CpaBufferList;

/** A piece of memory, contiguous for the device. */
typedef struct _CpaPhysFlatBuffer {
    Cpa32U dataLenInBytes;          /**< bytes there */
    Cpa32U reserved;                /**< 0 */
    CpaPhysicalAddr bufferPhysAddr; /**< address of the data for the device */
} CpaPhysFlatBuffer;

/** A list of pieces by device address. */
typedef struct _CpaPhysBufferList {
    Cpa64U reserved0;                              /**< 0 */
    Cpa32U numBuffers;                             /**< elements of flatBuffers */
    Cpa32U reserved1;                              /**< 0 */
    __extension__ CpaPhysFlatBuffer flatBuffers[]; /**< the pieces */
} CpaPhysBufferList;

/** How a CRC other than the standard one is computed. */
typedef struct _CpaCrcControlData {
    Cpa64U polynomial;     /**< generator polynomial */
    Cpa64U initialValue;   /**< value of the register at the start */
    CpaBoolean reflectIn;  /**< reflect every byte of the input */
    CpaBoolean reflectOut; /**< reflect the result */
    Cpa64U xorOut;         /**< xored with the result */
} CpaCrcControlData;

/* --------------------------------------------------------------- instances */

/** What an instance, or a class of instances, serves. */
typedef enum _CpaAccelerationServiceType {
    CPA_ACC_SVC_TYPE_CRYPTO = 0,           /**< crypto: symmetric, asymmetric or both */
    CPA_ACC_SVC_TYPE_DATA_COMPRESSION = 1, /**< compression */
    CPA_ACC_SVC_TYPE_RAID = 2,             /**< not offered */
    CPA_ACC_SVC_TYPE_XML = 3,              /**< not offered */
    CPA_ACC_SVC_TYPE_PATTERN_MATCH = 4,    /**< not offered */
    CPA_ACC_SVC_TYPE_VIDEO_ANALYTICS = 4,  /**< not offered */
    CPA_ACC_SVC_TYPE_CRYPTO_ASYM = 5,      /**< asymmetric crypto only */
    CPA_ACC_SVC_TYPE_CRYPTO_SYM = 6        /**< symmetric crypto only */
} CpaAccelerationServiceType;

/** Kind of an instance in the deprecated CpaInstanceInfo. */
typedef enum _CpaInstanceType {
    CPA_INSTANCE_TYPE_CRYPTO = 0,
    CPA_INSTANCE_TYPE_DATA_COMPRESSION = 1,
    CPA_INSTANCE_TYPE_RAID = 2,
    CPA_INSTANCE_TYPE_XML = 3,
    CPA_INSTANCE_TYPE_PATTERN_MATCH = 4
} CpaInstanceType;

/** State of an instance in the deprecated CpaInstanceInfo. */
typedef enum _CpaInstanceState {
    CPA_INSTANCE_STATE_INITIALISED = 0,
    CPA_INSTANCE_STATE_SHUTDOWN = 1
} CpaInstanceState;

/** Whether an instance takes requests. */
typedef enum _CpaOperationalState {
    CPA_OPER_STATE_DOWN = 0, /**< not started, or its endpoint is gone */
    CPA_OPER_STATE_UP = 1    /**< started */
} CpaOperationalState;

/** What can happen to an instance. */
typedef enum _CpaInstanceEvent {
    CPA_INSTANCE_EVENT_RESTARTING = 0,
    CPA_INSTANCE_EVENT_RESTARTED = 1,
    CPA_INSTANCE_EVENT_FATAL_ERROR = 2
} CpaInstanceEvent;

/** How a client would like instances to be found. */
typedef enum _CpaInstanceAllocPolicy {
    CPA_INST_ALLOC_NONE = 0,
    CPA_INST_ALLOC_PREFER_EXISTING = 1,
    CPA_INST_ALLOC_PREFER_NEW = 2
} CpaInstanceAllocPolicy;

/* Sizes of the texts in CpaInstanceInfo2 and CpaInstanceInfo, bytes with the NUL. */
#define CPA_INST_VENDOR_NAME_SIZE (64)
#define CPA_INST_PART_NAME_SIZE (64)
#define CPA_INST_SW_VERSION_SIZE (64)
#define CPA_INST_NAME_SIZE (64)
#define CPA_INST_ID_SIZE (128)
#define CPA_INSTANCE_MAX_NAME_SIZE_IN_BYTES (64)
#define CPA_INSTANCE_MAX_ID_SIZE_IN_BYTES (128)
#define CPA_INSTANCE_MAX_VERSION_SIZE_IN_BYTES (64)

/** Bits of CpaInstanceInfo2.coreAffinity. */
#define CPA_MAX_CORES (4096)

/** Where an instance physically is. */
typedef struct _CpaPhysicalInstanceId {
    Cpa16U packageId;         /**< accelerator id: the N of qat_dev<N>, low 16 bits */
    Cpa16U acceleratorId;     /**< the same number */
    Cpa16U executionEngineId; /**< 0 */
    Cpa16U busAddress;        /**< bus << 8 | device << 3 | function; the domain is not here */
    Cpa32U kptAcHandle;       /**< 0 */
} CpaPhysicalInstanceId;

/** What there is to know about an instance. Texts are NUL-terminated. */
typedef struct _CpaInstanceInfo2 {
    CpaAccelerationServiceType accelerationServiceType; /**< what it serves */
    Cpa8U vendorName[CPA_INST_VENDOR_NAME_SIZE];        /**< "Intel(R)" */
    Cpa8U partName[CPA_INST_PART_NAME_SIZE];            /**< "c6xx with Intel(R) QuickAssist Technology" */
    Cpa8U swVersion[CPA_INST_SW_VERSION_SIZE];          /**< "Version 1.0" */
    Cpa8U instName[CPA_INST_NAME_SIZE];                 /**< its name in the configuration, "SSL0" */
    Cpa8U instID[CPA_INST_ID_SIZE];                     /**< "SSL_DEV0_INT_2_SSL0"; of the pool: "DYN_DYN0" */
    CpaPhysicalInstanceId physInstId;                   /**< its endpoint */
    CPA_BITMAP(coreAffinity, CPA_MAX_CORES);       /**< its CoreAffinity for this process; may be empty */
    Cpa32U nodeAffinity;                           /**< NUMA node of its endpoint; 0 if unknown */
    CpaOperationalState operState;                 /**< up after cpaCyStartInstance, cpaDcStartInstance */
    CpaBoolean requiresPhysicallyContiguousMemory; /**< CPA_TRUE */
    CpaBoolean isPolled;    /**< CPA_TRUE: the client polls; CPA_FALSE: epoll or interrupts */
    CpaBoolean isOffloaded; /**< CPA_TRUE: not the CPU does the work */
} CpaInstanceInfo2;

/** Old form of CpaInstanceInfo2; no function fills it. */
typedef struct _CpaInstanceInfo {
    enum _CpaInstanceType type;
    enum _CpaInstanceState state;
    Cpa8U name[CPA_INSTANCE_MAX_NAME_SIZE_IN_BYTES];
    Cpa8U version[CPA_INSTANCE_MAX_VERSION_SIZE_IN_BYTES];
} CpaInstanceInfo;

/**
 * Counts the instances of this process that serve one type.
 *
 * @param[in] accelerationServiceType CPA_ACC_SVC_TYPE_CRYPTO: all crypto instances, as
 *            cpaCyGetNumInstances(); ..._CRYPTO_ASYM, ..._CRYPTO_SYM: those that serve only
 *            that; ..._DATA_COMPRESSION: as cpaDcGetNumInstances()
 * @param[out] pNumInstances the number; 0 before icp_sal_userStart()
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL, or another type
 *
 * Any thread. Clause DYN-15.
 */
CpaStatus cpaGetNumInstances(const CpaAccelerationServiceType accelerationServiceType, Cpa16U *pNumInstances);

/**
 * Lists the instances of this process that serve one type, static ones and dynamic ones, by
 * accelerator id.
 *
 * @param[in] accelerationServiceType as cpaGetNumInstances()
 * @param[in] numInstances handles wanted, 1 or more: the first so many are written
 * @param[out] pInstances array of @a numInstances elements
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL, 0, or another type
 * @retval CPA_STATUS_RESOURCE there are fewer; nothing is written
 *
 * Any thread. Clause DYN-15.
 */
CpaStatus cpaGetInstances(const CpaAccelerationServiceType accelerationServiceType, Cpa16U numInstances,
                          CpaInstanceHandle *pInstances);

/**
 * Describes an instance of either service.
 *
 * @param[in] instanceHandle one of this process's instances
 * @param[out] pInstanceInfo2 filled completely
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL, or not an instance of this process
 *
 * Any thread; safe while others free the instance. Clauses DYN-12, DYN-15.
 */
CpaStatus cpaInstanceGetInfo2(const CpaInstanceHandle instanceHandle, CpaInstanceInfo2 *pInstanceInfo2);

/**
 * Puts a status value into words.
 *
 * @param[in] instanceHandle not looked at; may be NULL
 * @param[in] errStatus a CPA_STATUS_* value
 * @param[out] pStatusText buffer of CPA_STATUS_MAX_STR_LENGTH_IN_BYTES bytes
 *
 * @retval CPA_STATUS_SUCCESS
 * @retval CPA_STATUS_INVALID_PARAM NULL, or not a status value; nothing is written
 *
 * Any thread. The words say what the value means; qaeLastError() says why it came.
 */
CpaStatus cpaGetStatusText(const CpaInstanceHandle instanceHandle, CpaStatus errStatus, Cpa8S *pStatusText);

#ifdef __cplusplus
}
#endif

#endif /* CPA_H */
