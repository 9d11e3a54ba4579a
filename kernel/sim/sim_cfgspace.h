/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pure part of the simulator, types and configuration space, in a header of
 * its own for the KUnit suites.
 */
#ifndef QAE_SIM_CFGSPACE_H
#define QAE_SIM_CFGSPACE_H

#include <linux/types.h>

#define QAE_SIM_MAX_BARS	3		/* 64-bit BARs, two registers each */
#define QAE_SIM_BAR_SIZE	0x1000U		/* one page is enough: nothing answers there */

/* Layout of configuration space; 0x90 is free for MSI. */
#define QAE_SIM_CFG_SIZE	4096
#define QAE_SIM_CFG_STORED	0x200		/* registers from here on read as zero */
#define QAE_SIM_CAP_EXP		0x40
#define QAE_SIM_CAP_PM		0x80
#define QAE_SIM_CAP_SRIOV	0x100

/*
 * Virtual functions of a physical one. They have the functions 2, 3, 4 of its device
 * number if it is function 0, and 5, 6, 7 if it is function 1.
 */
#define QAE_SIM_VFS		3
#define QAE_SIM_VF_BARS		2

/**
 * struct qae_sim_id - one type of endpoint
 * @type: name as in configuration file names, with the suffix "vf" for a VF
 * @device: PCI device id, vendor 8086
 * @bars: number of 64-bit memory BARs
 * @is_vf: the type is a virtual function, by itself as a guest sees it
 */
struct qae_sim_id {
	const char *type;
	u16 device;
	u8 bars;
	bool is_vf;
};

/**
 * struct qae_sim_cfg - configuration space of one function
 * @value: present values
 * @reset: values after power-on and after a function level reset
 * @writable: mask of the bits that a write changes
 * @flr_count: function level resets since it was initialised
 */
struct qae_sim_cfg {
	u8 value[QAE_SIM_CFG_STORED];
	u8 reset[QAE_SIM_CFG_STORED];
	u8 writable[QAE_SIM_CFG_STORED];
	unsigned int flr_count;
};

/* sim_ids.c */
const struct qae_sim_id *qae_sim_id_by_type(const char *type);
const struct qae_sim_id *qae_sim_id_at(unsigned int i);
const struct qae_sim_id *qae_sim_id_of_vf(const struct qae_sim_id *id);

/* sim_cfgspace.c */
void qae_sim_cfg_init(struct qae_sim_cfg *cfg, const struct qae_sim_id *id, bool multifunction);
void qae_sim_cfg_init_sriov(struct qae_sim_cfg *cfg, const struct qae_sim_id *vf,
			    unsigned int function, const u64 bars[QAE_SIM_VF_BARS]);
void qae_sim_cfg_init_vf(struct qae_sim_cfg *cfg);
unsigned int qae_sim_cfg_vfs(const struct qae_sim_cfg *cfg);
void qae_sim_cfg_link_reset(struct qae_sim_cfg *cfg);
void qae_sim_cfg_assign_bar(struct qae_sim_cfg *cfg, unsigned int bar, u64 address);
int qae_sim_cfg_read(const struct qae_sim_cfg *cfg, int where, int size, u32 *val);
int qae_sim_cfg_write(struct qae_sim_cfg *cfg, int where, int size, u32 val);

#endif /* QAE_SIM_CFGSPACE_H */
