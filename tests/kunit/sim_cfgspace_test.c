// SPDX-License-Identifier: GPL-2.0-only
/* The simulator's configuration space, as far as the PCI core relies on it. */
#include <kunit/test.h>
#include <linux/pci.h>

#include "model/model.h"
#include "sim/sim_cfgspace.h"
#include "suites.h"

#define DEVCTL	(QAE_SIM_CAP_EXP + PCI_EXP_DEVCTL)

struct cfg_fixture {
	const struct qae_sim_id *id;
	struct qae_sim_cfg cfg;
};

static int cfg_test_init(struct kunit *test)
{
	struct cfg_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	f->id = qae_sim_id_by_type("c6xx");
	KUNIT_ASSERT_NOT_NULL(test, f->id);
	qae_sim_cfg_init(&f->cfg, f->id, false);
	test->priv = f;
	return 0;
}

static u32 cfg_read(struct kunit *test, int where, int size)
{
	struct cfg_fixture *f = test->priv;
	u32 val;

	KUNIT_EXPECT_EQ(test, qae_sim_cfg_read(&f->cfg, where, size, &val), PCIBIOS_SUCCESSFUL);
	return val;
}

static void cfg_write(struct kunit *test, int where, int size, u32 val)
{
	struct cfg_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, qae_sim_cfg_write(&f->cfg, where, size, val), PCIBIOS_SUCCESSFUL);
}

static void identity_test(struct kunit *test)
{
	struct cfg_fixture *f = test->priv;

	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_VENDOR_ID, 4), 0x37c88086);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_CLASS_REVISION, 4) >> 8, 0x0b4000);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_SUBSYSTEM_VENDOR_ID, 2), 0x8086);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_INTERRUPT_PIN, 1), 0);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_HEADER_TYPE, 1), PCI_HEADER_TYPE_NORMAL);
	qae_sim_cfg_init(&f->cfg, f->id, true);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_HEADER_TYPE, 1), 0x80);
}

static void identity_is_read_only_test(struct kunit *test)
{
	int where;

	for (where = 0; where < PCI_BASE_ADDRESS_0; where += 4) {
		u32 before = cfg_read(test, where, 4);

		cfg_write(test, where, 4, ~0U);
		if (where == PCI_COMMAND)
			KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_STATUS, 2), before >> 16);
		else if (where == PCI_CACHE_LINE_SIZE)
			KUNIT_EXPECT_EQ(test, cfg_read(test, where, 4) >> 8, before >> 8);
		else
			KUNIT_EXPECT_EQ(test, cfg_read(test, where, 4), before);
	}
}

static void command_test(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_COMMAND, 2), 0);
	cfg_write(test, PCI_COMMAND, 2, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_COMMAND, 2),
			PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* The capability list ends with power management, so there is no MSI to enable. */
static void capabilities_test(struct kunit *test)
{
	int pos = cfg_read(test, PCI_CAPABILITY_LIST, 1);

	KUNIT_EXPECT_TRUE(test, cfg_read(test, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST);
	KUNIT_EXPECT_EQ(test, cfg_read(test, pos, 1), PCI_CAP_ID_EXP);
	KUNIT_EXPECT_EQ(test, cfg_read(test, pos + PCI_EXP_FLAGS, 2), 0x0092);
	KUNIT_EXPECT_TRUE(test, cfg_read(test, pos + PCI_EXP_DEVCAP, 4) & PCI_EXP_DEVCAP_FLR);
	pos = cfg_read(test, pos + PCI_CAP_LIST_NEXT, 1);
	KUNIT_EXPECT_EQ(test, cfg_read(test, pos, 1), PCI_CAP_ID_PM);
	KUNIT_EXPECT_EQ(test, cfg_read(test, pos + PCI_CAP_LIST_NEXT, 1), 0);
	/* D3hot can be entered and left, and the registers survive it. */
	cfg_write(test, pos + PCI_PM_CTRL, 2, 0xffff);
	KUNIT_EXPECT_EQ(test, cfg_read(test, pos + PCI_PM_CTRL, 2),
			PCI_PM_CTRL_NO_SOFT_RESET | PCI_PM_CTRL_STATE_MASK);
	cfg_write(test, pos + PCI_PM_CTRL, 2, 0);
	KUNIT_EXPECT_EQ(test, cfg_read(test, pos + PCI_PM_CTRL, 2), PCI_PM_CTRL_NO_SOFT_RESET);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_CFG_SPACE_SIZE, 4), 0);
}

/* Size the BARs as the PCI core does: write all ones, read the mask back. */
static void bar_sizing_test(struct kunit *test)
{
	struct cfg_fixture *f = test->priv;
	unsigned int bar;

	for (bar = 0; bar < QAE_SIM_MAX_BARS; bar++) {
		int where = PCI_BASE_ADDRESS_0 + 8 * bar;

		cfg_write(test, where, 4, ~0U);
		cfg_write(test, where + 4, 4, ~0U);
		KUNIT_EXPECT_EQ(test, cfg_read(test, where, 4),
				~(QAE_SIM_BAR_SIZE - 1) | PCI_BASE_ADDRESS_MEM_TYPE_64);
		KUNIT_EXPECT_EQ(test, cfg_read(test, where + 4, 4), ~0U);
	}
	qae_sim_cfg_assign_bar(&f->cfg, 1, 0x12345678000ULL);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_2, 4), 0x45678004);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_3, 4), 0x123);
}

static void bar_absent_test(struct kunit *test)
{
	struct cfg_fixture *f = test->priv;

	qae_sim_cfg_init(&f->cfg, qae_sim_id_by_type("c6xxvf"), false);
	cfg_write(test, PCI_BASE_ADDRESS_4, 4, ~0U);
	cfg_write(test, PCI_BASE_ADDRESS_5, 4, ~0U);
	cfg_write(test, PCI_ROM_ADDRESS, 4, ~0U);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_4, 4), 0);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_5, 4), 0);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_ROM_ADDRESS, 4), 0);
}

/* Set the reset bit with each access width that reaches it. */
static void function_reset_test(struct kunit *test)
{
	static const struct { int where, size; u32 val; } way[] = {
		{ DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR | PCI_EXP_DEVCTL_PAYLOAD_256B },
		{ DEVCTL, 4, PCI_EXP_DEVCTL_BCR_FLR | PCI_EXP_DEVCTL_PAYLOAD_256B },
		{ DEVCTL + 1, 1, PCI_EXP_DEVCTL_BCR_FLR >> 8 },
	};
	struct cfg_fixture *f = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(way); i++) {
		cfg_write(test, DEVCTL, 2, PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_PAYLOAD_256B);
		cfg_write(test, PCI_COMMAND, 2, PCI_COMMAND_MEMORY);
		qae_sim_cfg_assign_bar(&f->cfg, 0, 0xfe000000);
		KUNIT_EXPECT_EQ(test, f->cfg.flr_count, i);
		cfg_write(test, way[i].where, way[i].size, way[i].val);

		KUNIT_EXPECT_EQ(test, f->cfg.flr_count, i + 1);
		KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_COMMAND, 2), 0);
		KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_0, 4),
				PCI_BASE_ADDRESS_MEM_TYPE_64);
		/* The bit is clear, other fields are at their defaults, payload size is kept. */
		KUNIT_EXPECT_EQ(test, cfg_read(test, DEVCTL, 2),
				PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN |
				PCI_EXP_DEVCTL_READRQ_512B | PCI_EXP_DEVCTL_PAYLOAD_256B);
	}
}

/* Neither other bits of Device Control nor the same value elsewhere reset it. */
static void no_function_reset_test(struct kunit *test)
{
	struct cfg_fixture *f = test->priv;

	cfg_write(test, DEVCTL, 2, 0xffff & ~PCI_EXP_DEVCTL_BCR_FLR);
	cfg_write(test, DEVCTL, 1, 0xff);
	cfg_write(test, QAE_SIM_CAP_EXP + PCI_EXP_DEVSTA, 2, 0xffff);
	cfg_write(test, QAE_SIM_CAP_EXP + PCI_EXP_DEVCAP, 4, ~0U);
	cfg_write(test, QAE_SIM_CAP_EXP + PCI_EXP_DEVCTL2, 4, ~0U);
	KUNIT_EXPECT_EQ(test, f->cfg.flr_count, 0U);
}

static void partial_access_test(struct kunit *test)
{
	cfg_write(test, PCI_BASE_ADDRESS_0, 4, 0xabcde000);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_0 + 3, 1), 0xab);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_0 + 2, 2), 0xabcd);
	cfg_write(test, PCI_BASE_ADDRESS_0 + 2, 1, 0x11);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_0, 4), 0xab11e004);
}

static void bad_access_test(struct kunit *test)
{
	static const struct { int where, size; } bad[] = {
		{ -4, 4 }, { 1, 2 }, { 2, 4 }, { 3, 2 }, { 0, 0 }, { 0, 3 }, { 0, 8 },
		{ QAE_SIM_CFG_SIZE, 1 }, { QAE_SIM_CFG_SIZE - 2, 4 },
		{ INT_MAX, 1 }, { INT_MIN, 4 },
	};
	struct cfg_fixture *f = test->priv;
	unsigned int i;
	u32 val;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		val = 0;
		KUNIT_EXPECT_EQ(test, qae_sim_cfg_read(&f->cfg, bad[i].where, bad[i].size, &val),
				PCIBIOS_BAD_REGISTER_NUMBER);
		KUNIT_EXPECT_EQ(test, val, ~0U);
		KUNIT_EXPECT_EQ(test, qae_sim_cfg_write(&f->cfg, bad[i].where, bad[i].size, 0),
				PCIBIOS_BAD_REGISTER_NUMBER);
	}
}

static void unstored_space_test(struct kunit *test)
{
	int where;

	for (where = QAE_SIM_CFG_STORED; where < QAE_SIM_CFG_SIZE; where += 4) {
		cfg_write(test, where, 4, ~0U);
		KUNIT_EXPECT_EQ(test, cfg_read(test, where, 4), 0);
	}
	KUNIT_EXPECT_EQ(test, cfg_read(test, QAE_SIM_CFG_SIZE - 1, 1), 0);
}

static void sriov_test(struct kunit *test)
{
	static const u64 bars[QAE_SIM_VF_BARS] = { 0x1fe000000ULL, 0xfe008000 };
	const int cap = QAE_SIM_CAP_SRIOV;
	struct cfg_fixture *f = test->priv;
	unsigned int function;

	for (function = 0; function < 2; function++) {
		qae_sim_cfg_init(&f->cfg, f->id, function);
		qae_sim_cfg_init_sriov(&f->cfg, qae_sim_id_of_vf(f->id), function, bars);
		KUNIT_EXPECT_EQ(test, cfg_read(test, cap, 4), 0x00010010);
		KUNIT_EXPECT_EQ(test, cfg_read(test, cap + PCI_SRIOV_VF_DID, 2), 0x37c9);
		KUNIT_EXPECT_EQ(test, cfg_read(test, cap + PCI_SRIOV_TOTAL_VF, 2), QAE_SIM_VFS);
		/* The first one is function 2, or 5 beside the virtual functions of function 0. */
		KUNIT_EXPECT_EQ(test, function + cfg_read(test, cap + PCI_SRIOV_VF_OFFSET, 2),
				2 + function * QAE_SIM_VFS);
		KUNIT_EXPECT_EQ(test, cfg_read(test, cap + PCI_SRIOV_BAR, 4), 0xfe000004);
		KUNIT_EXPECT_EQ(test, cfg_read(test, cap + PCI_SRIOV_BAR + 4, 4), 1);
		KUNIT_EXPECT_EQ(test, cfg_read(test, cap + PCI_SRIOV_BAR + 8, 4), 0xfe008004);
	}

	/* They answer while they are enabled, as many as there are at most. */
	cfg_write(test, cap + PCI_SRIOV_NUM_VF, 2, 2);
	KUNIT_EXPECT_EQ(test, qae_sim_cfg_vfs(&f->cfg), 0);
	cfg_write(test, cap + PCI_SRIOV_CTRL, 2, PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
	KUNIT_EXPECT_EQ(test, qae_sim_cfg_vfs(&f->cfg), 2);
	cfg_write(test, cap + PCI_SRIOV_NUM_VF, 2, 0xffff);
	KUNIT_EXPECT_EQ(test, qae_sim_cfg_vfs(&f->cfg), QAE_SIM_VFS);
	cfg_write(test, DEVCTL, 2, PCI_EXP_DEVCTL_BCR_FLR);
	KUNIT_EXPECT_EQ(test, qae_sim_cfg_vfs(&f->cfg), 0);
}

/* A virtual function has no ids, no BARs and no memory enable bit of its own. */
static void virtual_function_test(struct kunit *test)
{
	struct cfg_fixture *f = test->priv;

	KUNIT_EXPECT_NULL(test, qae_sim_id_of_vf(qae_sim_id_of_vf(f->id)));
	qae_sim_cfg_init(&f->cfg, qae_sim_id_of_vf(f->id), false);
	qae_sim_cfg_init_vf(&f->cfg);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_VENDOR_ID, 4), ~0U);
	cfg_write(test, PCI_COMMAND, 2, 0xffff);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_COMMAND, 2), PCI_COMMAND_MASTER);
	cfg_write(test, PCI_BASE_ADDRESS_0, 4, ~0U);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_BASE_ADDRESS_0, 4), 0);
	KUNIT_EXPECT_EQ(test, cfg_read(test, PCI_CFG_SPACE_SIZE, 4), 0);
	KUNIT_EXPECT_EQ(test, qae_sim_cfg_vfs(&f->cfg), 0);
}

/* Both modules make their tables from one list, each in its own way. */
static void same_types_as_driver_test(struct kunit *test)
{
	const struct qae_model *model;
	const struct qae_sim_id *id;
	unsigned int i;

	for (i = 0; (id = qae_sim_id_at(i)); i++) {
		model = qae_model_by_type(id->type);
		KUNIT_ASSERT_NOT_NULL_MSG(test, model, "driver has no %s", id->type);
		KUNIT_EXPECT_EQ_MSG(test, model->device, id->device, "%s", id->type);
	}
	for (i = 0; (model = qae_model_at(i)); i++)
		KUNIT_EXPECT_NOT_NULL_MSG(test, qae_sim_id_by_type(model->type),
					  "simulator has no %s", model->type);
	KUNIT_EXPECT_NULL(test, qae_sim_id_by_type("c6x"));
	KUNIT_EXPECT_NULL(test, qae_sim_id_by_type(""));
}

static struct kunit_case qae_sim_cfgspace_cases[] = {
	KUNIT_CASE(identity_test),
	KUNIT_CASE(identity_is_read_only_test),
	KUNIT_CASE(command_test),
	KUNIT_CASE(capabilities_test),
	KUNIT_CASE(bar_sizing_test),
	KUNIT_CASE(bar_absent_test),
	KUNIT_CASE(function_reset_test),
	KUNIT_CASE(no_function_reset_test),
	KUNIT_CASE(partial_access_test),
	KUNIT_CASE(bad_access_test),
	KUNIT_CASE(unstored_space_test),
	KUNIT_CASE(sriov_test),
	KUNIT_CASE(virtual_function_test),
	KUNIT_CASE(same_types_as_driver_test),
	{}
};

struct kunit_suite qae_sim_cfgspace_suite = {
	.name = "qae_sim_cfgspace",
	.init = cfg_test_init,
	.test_cases = qae_sim_cfgspace_cases,
};
