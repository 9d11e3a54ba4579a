// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space of one synthetic function, as a pure model: it uses no
 * lock, no device and no allocation, so that it can be tested on its own. The
 * caller serialises accesses to one struct qae_sim_cfg.
 *
 * The function is a Root-Complex Integrated Endpoint with a PCI Express
 * capability of version 2 and function level reset, and a power management
 * capability. It is ready immediately after a reset and says so, so that the
 * kernel need not wait. It has neither an MSI capability nor an INTx pin, because
 * nothing raises interrupts. A physical function can have an SR-IOV capability; what
 * is left of a virtual function's own space follows from that of the physical one.
 */
#include <linux/minmax.h>
#include <linux/pci.h>
#include <linux/pci_regs.h>
#include <linux/string.h>

#include "compat.h"
#include "sim/sim_cfgspace.h"

#define CFG_CLASS_CO_PROCESSOR	0x0b40
#define CFG_REVISION		1

#define CFG_DEVCTL		(QAE_SIM_CAP_EXP + PCI_EXP_DEVCTL)

/* There are no I/O BARs, so PCI_COMMAND_IO is read-only. */
#define CFG_COMMAND_WRITABLE	(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | \
				 PCI_COMMAND_PARITY | PCI_COMMAND_SERR | \
				 PCI_COMMAND_INTX_DISABLE)

/* DEVCAP has no extended tags, phantom functions and aux power. */
#define CFG_DEVCTL_WRITABLE	(PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | \
				 PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE | \
				 PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD | \
				 PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ)

/* Power-on values of the specification, with read requests of 512 bytes. */
#define CFG_DEVCTL_DEFAULT	(PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | \
				 PCI_EXP_DEVCTL_READRQ_512B)

static void cfg_put(u8 *space, int where, int size, u32 val)
{
	int i;

	for (i = 0; i < size; i++)
		space[where + i] = val >> (8 * i);
}

static u32 cfg_get(const u8 *space, int where, int size)
{
	u32 val = 0;

	while (size--)
		val = val << 8 | space[where + size];
	return val;
}

static void cfg_assign(struct qae_sim_cfg *cfg, int where, u64 address)
{
	qae_sim_cfg_write(cfg, where, 4, lower_32_bits(address));
	qae_sim_cfg_write(cfg, where + 4, 4, upper_32_bits(address));
}

static void cfg_init_header(struct qae_sim_cfg *cfg, const struct qae_sim_id *id,
			    bool multifunction)
{
	u8 type = PCI_HEADER_TYPE_NORMAL | (multifunction ? 0x80 : 0);

	cfg_put(cfg->reset, PCI_VENDOR_ID, 2, PCI_VENDOR_ID_INTEL);
	cfg_put(cfg->reset, PCI_DEVICE_ID, 2, id->device);
	cfg_put(cfg->reset, PCI_STATUS, 2, PCI_STATUS_CAP_LIST | PCI_STATUS_IMM_READY);
	cfg_put(cfg->reset, PCI_REVISION_ID, 1, CFG_REVISION);
	cfg_put(cfg->reset, PCI_CLASS_DEVICE, 2, CFG_CLASS_CO_PROCESSOR);
	cfg_put(cfg->reset, PCI_HEADER_TYPE, 1, type);
	cfg_put(cfg->reset, PCI_SUBSYSTEM_VENDOR_ID, 2, PCI_VENDOR_ID_INTEL);
	cfg_put(cfg->reset, PCI_CAPABILITY_LIST, 1, QAE_SIM_CAP_EXP);

	cfg_put(cfg->writable, PCI_COMMAND, 2, CFG_COMMAND_WRITABLE);
	cfg_put(cfg->writable, PCI_CACHE_LINE_SIZE, 1, 0xff);
	cfg_put(cfg->writable, PCI_INTERRUPT_LINE, 1, 0xff);
}

static void cfg_init_bars(struct qae_sim_cfg *cfg, const struct qae_sim_id *id)
{
	unsigned int bar;

	for (bar = 0; bar < id->bars; bar++) {
		int where = PCI_BASE_ADDRESS_0 + 8 * bar;

		cfg_put(cfg->reset, where, 4, PCI_BASE_ADDRESS_MEM_TYPE_64);
		cfg_put(cfg->writable, where, 4, ~(QAE_SIM_BAR_SIZE - 1));
		cfg_put(cfg->writable, where + 4, 4, ~0U);
	}
}

static void cfg_init_express(struct qae_sim_cfg *cfg)
{
	cfg_put(cfg->reset, QAE_SIM_CAP_EXP, 1, PCI_CAP_ID_EXP);
	cfg_put(cfg->reset, QAE_SIM_CAP_EXP + PCI_CAP_LIST_NEXT, 1, QAE_SIM_CAP_PM);
	cfg_put(cfg->reset, QAE_SIM_CAP_EXP + PCI_EXP_FLAGS, 2, 2 | PCI_EXP_TYPE_RC_END << 4);
	cfg_put(cfg->reset, QAE_SIM_CAP_EXP + PCI_EXP_DEVCAP, 4,
		PCI_EXP_DEVCAP_FLR | PCI_EXP_DEVCAP_RBER);
	cfg_put(cfg->reset, CFG_DEVCTL, 2, CFG_DEVCTL_DEFAULT);
	cfg_put(cfg->writable, CFG_DEVCTL, 2, CFG_DEVCTL_WRITABLE);
}

/* D0 and D3hot; a function keeps its registers in D3hot, so leaving it is no reset. */
static void cfg_init_power(struct qae_sim_cfg *cfg)
{
	cfg_put(cfg->reset, QAE_SIM_CAP_PM, 1, PCI_CAP_ID_PM);
	cfg_put(cfg->reset, QAE_SIM_CAP_PM + PCI_PM_PMC, 2, 3);
	cfg_put(cfg->reset, QAE_SIM_CAP_PM + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET);
	cfg_put(cfg->writable, QAE_SIM_CAP_PM + PCI_PM_CTRL, 2, PCI_PM_CTRL_STATE_MASK);
}

/**
 * qae_sim_cfg_init() - set all registers to their power-on values
 * @cfg: configuration space to fill
 * @id: type of the function
 * @multifunction: the device has more functions
 */
void qae_sim_cfg_init(struct qae_sim_cfg *cfg, const struct qae_sim_id *id, bool multifunction)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg_init_header(cfg, id, multifunction);
	cfg_init_bars(cfg, id);
	cfg_init_express(cfg);
	cfg_init_power(cfg);
	memcpy(cfg->value, cfg->reset, sizeof(cfg->value));
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_cfg_init);

/**
 * qae_sim_cfg_link_reset() - set all registers as a reset of the link does
 * @cfg: configuration space
 */
void qae_sim_cfg_link_reset(struct qae_sim_cfg *cfg)
{
	memcpy(cfg->value, cfg->reset, sizeof(cfg->value));
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_cfg_link_reset);

/**
 * qae_sim_cfg_init_sriov() - add an SR-IOV capability
 * @cfg: configuration space of a physical function
 * @vf: type of its virtual functions
 * @function: its function number, 0 or 1
 * @bars: bus addresses of the BARs that the virtual functions share, as firmware assigns them
 */
void qae_sim_cfg_init_sriov(struct qae_sim_cfg *cfg, const struct qae_sim_id *vf,
			    unsigned int function, const u64 bars[QAE_SIM_VF_BARS])
{
	const int cap = QAE_SIM_CAP_SRIOV;
	unsigned int bar;

	cfg_put(cfg->reset, cap, 4, PCI_EXT_CAP_ID_SRIOV | 1 << 16);
	cfg_put(cfg->reset, cap + PCI_SRIOV_INITIAL_VF, 2, QAE_SIM_VFS);
	cfg_put(cfg->reset, cap + PCI_SRIOV_TOTAL_VF, 2, QAE_SIM_VFS);
	cfg_put(cfg->reset, cap + PCI_SRIOV_FUNC_LINK, 1, function);
	cfg_put(cfg->reset, cap + PCI_SRIOV_VF_OFFSET, 2, 2 + (QAE_SIM_VFS - 1) * function);
	cfg_put(cfg->reset, cap + PCI_SRIOV_VF_STRIDE, 2, 1);
	cfg_put(cfg->reset, cap + PCI_SRIOV_VF_DID, 2, vf->device);
	cfg_put(cfg->reset, cap + PCI_SRIOV_SUP_PGSIZE, 4, 1);
	cfg_put(cfg->reset, cap + PCI_SRIOV_SYS_PGSIZE, 4, 1);
	cfg_put(cfg->writable, cap + PCI_SRIOV_CTRL, 2, PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
	cfg_put(cfg->writable, cap + PCI_SRIOV_NUM_VF, 2, 0xffff);
	for (bar = 0; bar < vf->bars; bar++) {
		int where = cap + PCI_SRIOV_BAR + 8 * bar;

		cfg_put(cfg->reset, where, 4, PCI_BASE_ADDRESS_MEM_TYPE_64);
		cfg_put(cfg->writable, where, 4, ~(QAE_SIM_BAR_SIZE - 1));
		cfg_put(cfg->writable, where + 4, 4, ~0U);
	}
	memcpy(cfg->value + cap, cfg->reset + cap, QAE_SIM_CFG_STORED - cap);
	for (bar = 0; bar < vf->bars; bar++)
		cfg_assign(cfg, cap + PCI_SRIOV_BAR + 8 * bar, bars[bar]);
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_cfg_init_sriov);

/**
 * qae_sim_cfg_init_vf() - make the space of a function that of a virtual function
 * @cfg: configuration space, initialised with the type of the virtual function
 *
 * A virtual function has its ids and its BARs from the capability of the physical
 * one, and its memory is enabled there.
 */
void qae_sim_cfg_init_vf(struct qae_sim_cfg *cfg)
{
	cfg_put(cfg->reset, PCI_VENDOR_ID, 4, ~0U);
	memset(cfg->reset + PCI_BASE_ADDRESS_0, 0, 6 * 4);
	memset(cfg->writable + PCI_BASE_ADDRESS_0, 0, 6 * 4);
	cfg_put(cfg->writable, PCI_COMMAND, 2, PCI_COMMAND_MASTER);
	memcpy(cfg->value, cfg->reset, sizeof(cfg->value));
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_cfg_init_vf);

/**
 * qae_sim_cfg_vfs() - how many virtual functions are enabled
 * @cfg: configuration space of a physical function
 *
 * Return: the number of them that answer.
 */
unsigned int qae_sim_cfg_vfs(const struct qae_sim_cfg *cfg)
{
	u32 control = cfg_get(cfg->value, QAE_SIM_CAP_SRIOV + PCI_SRIOV_CTRL, 2);
	u32 count = cfg_get(cfg->value, QAE_SIM_CAP_SRIOV + PCI_SRIOV_NUM_VF, 2);

	return control & PCI_SRIOV_CTRL_VFE ? min_t(u32, count, QAE_SIM_VFS) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_cfg_vfs);

/**
 * qae_sim_cfg_assign_bar() - assign a BAR, as firmware does before the kernel scans
 * @cfg: configuration space
 * @bar: number of the 64-bit BAR, from 0
 * @address: bus address, aligned to the size of the BAR
 */
void qae_sim_cfg_assign_bar(struct qae_sim_cfg *cfg, unsigned int bar, u64 address)
{
	cfg_assign(cfg, PCI_BASE_ADDRESS_0 + 8 * bar, address);
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_cfg_assign_bar);

static bool cfg_access_ok(int where, int size)
{
	if (size != 1 && size != 2 && size != 4)
		return false;
	return where >= 0 && where <= QAE_SIM_CFG_SIZE - size && !(where & (size - 1));
}

/**
 * qae_sim_cfg_read() - read a register
 * @cfg: configuration space
 * @where: offset, aligned to @size
 * @size: 1, 2 or 4 bytes
 * @val: result; all ones if the access is refused
 *
 * Return: PCIBIOS_SUCCESSFUL or PCIBIOS_BAD_REGISTER_NUMBER.
 */
int qae_sim_cfg_read(const struct qae_sim_cfg *cfg, int where, int size, u32 *val)
{
	*val = ~0U;
	if (!cfg_access_ok(where, size))
		return PCIBIOS_BAD_REGISTER_NUMBER;
	*val = where < QAE_SIM_CFG_STORED ? cfg_get(cfg->value, where, size) : 0;
	return PCIBIOS_SUCCESSFUL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_cfg_read);

/*
 * The specification exempts the payload size from the reset, because it belongs
 * to the path to the device and not to the function.
 */
static void cfg_function_reset(struct qae_sim_cfg *cfg)
{
	u32 payload = cfg_get(cfg->value, CFG_DEVCTL, 2) & PCI_EXP_DEVCTL_PAYLOAD;
	u32 devctl = cfg_get(cfg->reset, CFG_DEVCTL, 2) & ~PCI_EXP_DEVCTL_PAYLOAD;

	memcpy(cfg->value, cfg->reset, sizeof(cfg->value));
	cfg_put(cfg->value, CFG_DEVCTL, 2, devctl | payload);
	cfg->flr_count++;
}

/**
 * qae_sim_cfg_write() - write a register
 * @cfg: configuration space
 * @where: offset, aligned to @size
 * @size: 1, 2 or 4 bytes
 * @val: value; bits that are not writable are ignored
 *
 * Setting the reset bit of Device Control resets the function before this
 * returns. The bit always reads as zero.
 *
 * Return: PCIBIOS_SUCCESSFUL or PCIBIOS_BAD_REGISTER_NUMBER.
 */
int qae_sim_cfg_write(struct qae_sim_cfg *cfg, int where, int size, u32 val)
{
	const int flr_byte = CFG_DEVCTL + 1;
	int i;

	if (!cfg_access_ok(where, size))
		return PCIBIOS_BAD_REGISTER_NUMBER;
	if (where >= QAE_SIM_CFG_STORED)
		return PCIBIOS_SUCCESSFUL;

	for (i = 0; i < size; i++) {
		u8 mask = cfg->writable[where + i];
		u8 byte = val >> (8 * i);

		cfg->value[where + i] = (cfg->value[where + i] & ~mask) | (byte & mask);
	}

	if (where <= flr_byte && flr_byte < where + size &&
	    (val >> (8 * (flr_byte - where)) & (PCI_EXP_DEVCTL_BCR_FLR >> 8)))
		cfg_function_reset(cfg);
	return PCIBIOS_SUCCESSFUL;
}
EXPORT_SYMBOL_IF_KUNIT(qae_sim_cfg_write);
