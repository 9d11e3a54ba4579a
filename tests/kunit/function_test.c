// SPDX-License-Identifier: GPL-2.0-only
/* How the instances of a PCI function are stopped, on a bus that counts the accesses. */
#include <kunit/test.h>

#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/pci.h>
#include <linux/spinlock.h>

#include "session/endpoint.h"
#include "session/instance.h"
#include "session/pci_function.h"
#include "session/registry.h"
#include "suites.h"

#define INSTANCES	64

/**
 * struct counting_bus - a bus with one function
 * @bus: the bus
 * @pdev: the function
 * @function: what the driver knows about it
 * @endpoint: its endpoint, which is not registered
 * @inst: an instance of the endpoint
 * @command: its command register
 * @answers: configuration accesses are answered
 * @reads: number of reads
 */
struct counting_bus {
	struct pci_bus bus;
	struct pci_dev pdev;
	struct qae_function function;
	struct qae_endpoint endpoint;
	struct qae_instance_obj inst;
	u16 command;
	bool answers;
	unsigned int reads;
};

static int counting_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	struct counting_bus *b = container_of(bus, struct counting_bus, bus);

	b->reads++;
	*val = b->answers ? b->command : ~0U;
	return b->answers ? PCIBIOS_SUCCESSFUL : PCIBIOS_DEVICE_NOT_FOUND;
}

static int counting_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	struct counting_bus *b = container_of(bus, struct counting_bus, bus);

	if (b->answers && where == PCI_COMMAND)
		b->command = val;
	return b->answers ? PCIBIOS_SUCCESSFUL : PCIBIOS_DEVICE_NOT_FOUND;
}

static struct pci_ops counting_ops = {
	.read = counting_read,
	.write = counting_write,
};

static int function_test_init(struct kunit *test)
{
	struct counting_bus *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->bus.ops = &counting_ops;
	b->pdev.bus = &b->bus;
	b->pdev.error_state = pci_channel_io_normal;
	b->pdev.dev.init_name = "qae_function_test";
	b->function.pdev = &b->pdev;
	b->endpoint.ops = &qae_function_ops;
	b->endpoint.bus = &b->function;
	b->inst.endpoint = &b->endpoint;
	b->answers = true;
	test->priv = b;
	return 0;
}

/* Stop instances as the release of a section does, and return how often the bus was asked. */
static unsigned int stop(struct counting_bus *b, unsigned int instances)
{
	unsigned int before = b->reads;

	spin_lock(&qae_registry.lock);
	while (instances--)
		qae_function_ops.quiesce(&b->inst);
	spin_unlock(&qae_registry.lock);
	return b->reads - before;
}

/* A read that nothing answers can last for milliseconds, and others wait for the lock. */
static void a_silent_function_is_asked_once(struct kunit *test)
{
	struct counting_bus *b = test->priv;

	b->answers = false;
	KUNIT_EXPECT_EQ(test, stop(b, INSTANCES), 1U);
	KUNIT_EXPECT_EQ(test, stop(b, INSTANCES), 0U);
}

static void a_silent_function_is_asked_again_later(struct kunit *test)
{
	struct counting_bus *b = test->priv;

	b->answers = false;
	stop(b, 1);
	KUNIT_EXPECT_TRUE(test, b->function.silent);
	KUNIT_EXPECT_TRUE(test, time_before_eq(b->function.silent_until, jiffies + HZ));
	b->function.silent_until = jiffies;
	b->answers = true;
	b->command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	stop(b, 1);
	KUNIT_EXPECT_EQ(test, b->command, PCI_COMMAND_MEMORY);
	KUNIT_EXPECT_FALSE(test, b->function.silent);
}

static void a_function_that_came_back_is_asked_at_once(struct kunit *test)
{
	struct counting_bus *b = test->priv;

	b->answers = false;
	stop(b, 1);
	b->answers = true;
	b->command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	spin_lock(&qae_registry.lock);
	qae_function_ops.came_back(&b->endpoint);
	spin_unlock(&qae_registry.lock);
	stop(b, 1);
	KUNIT_EXPECT_EQ(test, b->command, PCI_COMMAND_MEMORY);
}

/* Root may turn bus mastering on at any time. */
static void a_function_that_answers_is_asked_every_time(struct kunit *test)
{
	struct counting_bus *b = test->priv;

	KUNIT_EXPECT_EQ(test, stop(b, 3), 3U);
	b->command = PCI_COMMAND_MASTER;
	stop(b, 1);
	KUNIT_EXPECT_EQ(test, b->command, 0);
}

static struct kunit_case function_cases[] = {
	KUNIT_CASE(a_silent_function_is_asked_once),
	KUNIT_CASE(a_silent_function_is_asked_again_later),
	KUNIT_CASE(a_function_that_came_back_is_asked_at_once),
	KUNIT_CASE(a_function_that_answers_is_asked_every_time),
	{ }
};

struct kunit_suite qae_function_suite = {
	.name = "qae_function",
	.init = function_test_init,
	.test_cases = function_cases,
};
