// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run-time control: files of the platform device "qae_sim". The list of files
 * and the lock order are in sim.h.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "sim/sim.h"

static struct qae_sim_endpoint *endpoint_by_address(const char *buf)
{
	unsigned int domain, bus, device, function, i;
	char tail = '\n';

	if (sscanf(buf, "%x:%x:%x.%x%c", &domain, &bus, &device, &function, &tail) < 4)
		return NULL;
	if (tail != '\n' || bus || device > 31 || function > 7)
		return NULL;

	for (i = 0; i < qae_sim.endpoint_count; i++) {
		struct qae_sim_endpoint *ep = &qae_sim.endpoints[i];

		if (qae_sim_sysdata_domain(&ep->bridge->sysdata) == domain &&
		    ep->devfn == PCI_DEVFN(device, function))
			return ep;
	}
	return NULL;
}

static struct qae_sim_endpoint *endpoint_by_name(const char *buf)
{
	unsigned int index;

	if (kstrtouint(buf, 10, &index))
		return endpoint_by_address(buf);
	return index < qae_sim.endpoint_count ? &qae_sim.endpoints[index] : NULL;
}

static ssize_t endpoints_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	unsigned int i;
	int len = 0;

	for (i = 0; i < qae_sim.endpoint_count; i++) {
		struct qae_sim_endpoint *ep = &qae_sim.endpoints[i];

		len += sysfs_emit_at(buf, len, "%u %04x:00:%02x.%x %s %d %s\n", ep->index,
				     qae_sim_sysdata_domain(&ep->bridge->sysdata),
				     PCI_SLOT(ep->devfn), PCI_FUNC(ep->devfn), ep->id->type,
				     ep->node,
				     qae_sim_endpoint_present(ep) ? "present" : "removed");
	}
	return len;
}
static DEVICE_ATTR_RO(endpoints);

static ssize_t remove_one(const char *buf, size_t count, bool surprise)
{
	struct qae_sim_endpoint *ep = endpoint_by_name(buf);
	int ret;

	if (!ep)
		return -EINVAL;
	ret = qae_sim_endpoint_remove(ep, surprise);
	return ret ? ret : count;
}

static ssize_t remove_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	return remove_one(buf, count, true);
}
static DEVICE_ATTR_WO(remove);

static ssize_t unplug_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	return remove_one(buf, count, false);
}
static DEVICE_ATTR_WO(unplug);

static ssize_t add_store(struct device *dev, struct device_attribute *attr, const char *buf,
			 size_t count)
{
	struct qae_sim_endpoint *ep = endpoint_by_name(buf);
	int ret;

	if (!ep)
		return -EINVAL;
	ret = qae_sim_endpoint_add(ep);
	return ret ? ret : count;
}
static DEVICE_ATTR_WO(add);

static ssize_t rescan_store(struct device *dev, struct device_attribute *attr, const char *buf,
			    size_t count)
{
	unsigned int i;
	bool yes;
	int ret;

	ret = kstrtobool(buf, &yes);
	if (ret)
		return ret;
	for (i = 0; yes && i < qae_sim.endpoint_count; i++) {
		ret = qae_sim_endpoint_add(&qae_sim.endpoints[i]);
		if (ret && ret != -EEXIST)
			return ret;
	}
	return count;
}
static DEVICE_ATTR_WO(rescan);

/* Write a name: call @act for that endpoint. */
static ssize_t act_on_one(const char *buf, size_t count, int (*act)(struct qae_sim_endpoint *ep))
{
	struct qae_sim_endpoint *ep = endpoint_by_name(buf);
	int ret;

	if (!ep)
		return -EINVAL;
	ret = act(ep);
	return ret ? ret : count;
}

static ssize_t error_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	return act_on_one(buf, count, qae_sim_endpoint_error);
}
static DEVICE_ATTR_WO(error);

static ssize_t recover_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	return act_on_one(buf, count, qae_sim_endpoint_recover);
}
static DEVICE_ATTR_WO(recover);

static ssize_t dma_limit_store(struct device *dev, struct device_attribute *attr, const char *buf,
			       size_t count)
{
	struct qae_sim_endpoint *ep;
	char name[32];
	u64 bytes;
	int ret;

	if (sscanf(buf, "%31s %lli", name, &bytes) != 2)
		return -EINVAL;
	ep = endpoint_by_name(name);
	if (!ep)
		return -EINVAL;
	ret = qae_sim_endpoint_limit_dma(ep, bytes);
	return ret ? ret : count;
}
static DEVICE_ATTR_WO(dma_limit);

static ssize_t resets_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	unsigned int i;
	int len = 0;

	for (i = 0; i < qae_sim.endpoint_count; i++)
		len += sysfs_emit_at(buf, len, "%u %u\n", i,
				     qae_sim_endpoint_resets(&qae_sim.endpoints[i]));
	return len;
}
static DEVICE_ATTR_RO(resets);

static struct attribute *control_attrs[] = {
	&dev_attr_endpoints.attr,
	&dev_attr_remove.attr,
	&dev_attr_unplug.attr,
	&dev_attr_add.attr,
	&dev_attr_rescan.attr,
	&dev_attr_error.attr,
	&dev_attr_recover.attr,
	&dev_attr_resets.attr,
	&dev_attr_dma_limit.attr,
	NULL
};

static const struct attribute_group control_group = { .attrs = control_attrs };

/**
 * qae_sim_sysfs_start() - create the control files
 *
 * Call it when all endpoints exist.
 *
 * Return: 0 or a negative errno.
 */
int qae_sim_sysfs_start(void)
{
	return sysfs_create_group(&qae_sim.parent->dev.kobj, &control_group);
}

/**
 * qae_sim_sysfs_stop() - remove the control files and wait for their writers
 *
 * Context: sleeps. Do not hold the rescan lock: a writer may wait for it.
 */
void qae_sim_sysfs_stop(void)
{
	sysfs_remove_group(&qae_sim.parent->dev.kobj, &control_group);
}
