// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parse a configuration from its attributes.
 *
 * There are three layers of checks. The policies check each attribute: type,
 * length, nesting, values of enumerations; genetlink applies them to the whole
 * tree before a handler runs. This file checks how many attributes there are and
 * which ones must be present. qae_config_check() checks what the values mean,
 * and explains an error in a sentence. This file frees a configuration that is
 * incomplete when a check fails: the caller gets a checked one or nothing.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "netlink/netlink.h"
#include "session/config.h"

#define INSTANCE_MAX	QAE_A_CONFIG_INSTANCE_CORES
#define SECTION_MAX	QAE_A_CONFIG_INSTANCE
#define CONFIG_MAX	QAE_A_CONFIG_SECTION

static const struct nla_policy instance_policy[INSTANCE_MAX + 1] = {
	[QAE_A_CONFIG_INSTANCE_SERVICE] = NLA_POLICY_MAX(NLA_U32, __QAE_SERVICE_COUNT - 1),
	[QAE_A_CONFIG_INSTANCE_NAME] = { .type = NLA_NUL_STRING, .len = QAE_NAME_SIZE - 1 },
	[QAE_A_CONFIG_INSTANCE_POLL] = NLA_POLICY_MAX(NLA_U32, QAE_POLL_EPOLL),
	[QAE_A_CONFIG_INSTANCE_CORES] = {
		.type = NLA_BINARY, .len = QAE_MAX_CORE_LIST * sizeof(u32),
	},
};

static const struct nla_policy section_policy[SECTION_MAX + 1] = {
	[QAE_A_CONFIG_SECTION_NAME] = { .type = NLA_NUL_STRING, .len = QAE_NAME_SIZE - 1 },
	[QAE_A_CONFIG_SECTION_PROCESSES] = { .type = NLA_U32 },
	[QAE_A_CONFIG_SECTION_LIMIT_DEV] = NLA_POLICY_MAX(NLA_U32, 1),
	[QAE_A_CONFIG_SECTION_WAIT_MS] = { .type = NLA_U32 },
	[QAE_A_CONFIG_INSTANCE] = NLA_POLICY_NESTED(instance_policy),
};

/* Content of QAE_A_CONFIG and of QAE_A_CONFIG_MORE. */
const struct nla_policy qae_config_policy[CONFIG_MAX + 1] = {
	[QAE_A_CONFIG_SERVICES] = NLA_POLICY_MASK(NLA_U32, QAE_SVC_ALL),
	[QAE_A_CONFIG_SECTION] = NLA_POLICY_NESTED(section_policy),
};

static u32 get_u32_or(const struct nlattr *attr, u32 absent)
{
	return attr ? nla_get_u32(attr) : absent;
}

static u32 count_nested(const struct nlattr *nest, int type)
{
	const struct nlattr *attr;
	u32 count = 0;
	int rem;

	nla_for_each_nested(attr, nest, rem)
		if (nla_type(attr) == type)
			count++;
	return count;
}

/*
 * The policy bounds the length. With a NUL inside, two different attributes
 * could stand for the same name.
 */
static int parse_name(char name[QAE_NAME_SIZE], const struct nlattr *attr,
		      struct netlink_ext_ack *extack)
{
	if (strlen(nla_data(attr)) + 1 != nla_len(attr)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a name contains a NUL byte");
		return -EINVAL;
	}
	strscpy(name, nla_data(attr), QAE_NAME_SIZE);
	return 0;
}

static int parse_cores(struct qae_config_instance *instance, const struct nlattr *attr,
		       struct netlink_ext_ack *extack)
{
	const u32 *cores = nla_data(attr);
	u32 count = nla_len(attr) / sizeof(*cores);
	u32 i;

	if (nla_len(attr) % sizeof(*cores)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "CoreAffinity must hold 32-bit numbers");
		return -EINVAL;
	}
	/* Check before narrowing to u16: 65536 must not become core 0. */
	for (i = 0; i < count; i++) {
		if (cores[i] >= QAE_MAX_CORES) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "a core of CoreAffinity must be below 4096");
			return -EINVAL;
		}
	}
	if (!count)
		return 0;

	instance->cores = kmalloc_array(count, sizeof(*instance->cores), GFP_KERNEL);
	if (!instance->cores)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		instance->cores[i] = cores[i];
	instance->num_cores = count;
	return 0;
}

static int parse_instance(struct qae_config_instance *instance, const struct nlattr *nest,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *tb[INSTANCE_MAX + 1];
	int err;

	err = nla_parse_nested(tb, INSTANCE_MAX, nest, instance_policy, extack);
	if (err)
		return err;

	if (!tb[QAE_A_CONFIG_INSTANCE_SERVICE] || !tb[QAE_A_CONFIG_INSTANCE_NAME] ||
	    !tb[QAE_A_CONFIG_INSTANCE_POLL]) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "an instance needs a service, a name and a poll mode");
		return -EINVAL;
	}
	instance->service = nla_get_u32(tb[QAE_A_CONFIG_INSTANCE_SERVICE]);
	instance->poll_mode = nla_get_u32(tb[QAE_A_CONFIG_INSTANCE_POLL]);

	err = parse_name(instance->name, tb[QAE_A_CONFIG_INSTANCE_NAME], extack);
	if (err || !tb[QAE_A_CONFIG_INSTANCE_CORES])
		return err;
	return parse_cores(instance, tb[QAE_A_CONFIG_INSTANCE_CORES], extack);
}

/* qae_config_free() frees the old or the new array, whichever the section has. */
static int grow_instances(struct qae_config_section *section, u32 count)
{
	struct qae_config_section grown = {};
	int err;

	err = qae_config_section_alloc(&grown, section->num_instances + count);
	if (err)
		return err;
	memcpy(grown.instances, section->instances,
	       array_size(section->num_instances, sizeof(*section->instances)));
	kfree(section->instances);
	section->instances = grown.instances;
	section->num_instances = grown.num_instances;
	return 0;
}

/* Appends the instances of @nest to those that the section has. */
static int parse_instances(struct qae_config_section *section, const struct nlattr *nest,
			   struct netlink_ext_ack *extack)
{
	u32 count = count_nested(nest, QAE_A_CONFIG_INSTANCE);
	u32 before = section->num_instances;
	struct qae_config_instance *instance;
	const struct nlattr *attr;
	int rem;
	int err;

	if (count > __QAE_SERVICE_COUNT * QAE_MAX_INSTANCES - before) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "a section has more than 128 instances of one service");
		return -EINVAL;
	}
	err = grow_instances(section, count);
	if (err)
		return err;

	instance = section->instances + before;
	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != QAE_A_CONFIG_INSTANCE)
			continue;
		err = parse_instance(instance, attr, extack);
		if (err)
			return err;
		section->count[instance->service]++;
		instance++;
	}
	return 0;
}

static enum qae_instance_kind kind_by_name(const char *name)
{
	if (!strcmp(name, "KERNEL"))
		return QAE_INSTANCE_KERNEL;
	if (!strcmp(name, "DYN"))
		return QAE_INSTANCE_DYN;
	return QAE_INSTANCE_STATIC;
}

static int parse_processes(struct qae_config_section *section, const struct nlattr *nest,
			   const struct nlattr *attr, struct netlink_ext_ack *extack)
{
	if (section->kind != QAE_INSTANCE_STATIC) {
		if (attr) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "[KERNEL] and [DYN] take no NumProcesses");
			return -EINVAL;
		}
		section->processes = 1;
		return 0;
	}
	if (!attr) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a user section needs NumProcesses");
		return -EINVAL;
	}
	section->processes = nla_get_u32(attr);
	return 0;
}

static int parse_section_name(struct nlattr **tb, const struct nlattr *nest,
			      char name[QAE_NAME_SIZE], struct netlink_ext_ack *extack)
{
	int err;

	err = nla_parse_nested(tb, SECTION_MAX, nest, section_policy, extack);
	if (err)
		return err;

	if (!tb[QAE_A_CONFIG_SECTION_NAME]) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "a section needs a name");
		return -EINVAL;
	}
	return parse_name(name, tb[QAE_A_CONFIG_SECTION_NAME], extack);
}

/* The section is zeroed memory, apart from its name. */
static int parse_section(struct qae_config_section *section, struct nlattr **tb,
			 const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	int err;

	section->kind = kind_by_name(section->name);
	err = parse_processes(section, nest, tb[QAE_A_CONFIG_SECTION_PROCESSES], extack);
	if (err)
		return err;

	section->limit_dev = get_u32_or(tb[QAE_A_CONFIG_SECTION_LIMIT_DEV], 0);
	section->wait_ms = get_u32_or(tb[QAE_A_CONFIG_SECTION_WAIT_MS], 0);
	return parse_instances(section, nest, extack);
}

static int continue_section(struct qae_config_section *section, struct nlattr **tb,
			    const struct nlattr *nest, struct netlink_ext_ack *extack)
{
	if (tb[QAE_A_CONFIG_SECTION_PROCESSES] || tb[QAE_A_CONFIG_SECTION_LIMIT_DEV] ||
	    tb[QAE_A_CONFIG_SECTION_WAIT_MS]) {
		NL_SET_ERR_MSG_ATTR(extack, nest,
				    "a section that continues has only a name and instances");
		return -EINVAL;
	}
	return parse_instances(section, nest, extack);
}

static struct qae_config_section *find_section(const struct qae_config *config, const char *name)
{
	u32 i;

	for (i = 0; i < config->num_sections; i++)
		if (!strcmp(config->sections[i].name, name))
			return &config->sections[i];
	return NULL;
}

/*
 * Adds the section of @nest to the configuration, or, if it is in
 * QAE_A_CONFIG_MORE, its instances to the section of that name. The array has
 * room for QAE_MAX_SECTIONS.
 */
static int parse_one(struct qae_config *config, const struct nlattr *nest, bool more,
		     struct netlink_ext_ack *extack)
{
	struct qae_config_section *section = NULL;
	struct nlattr *tb[SECTION_MAX + 1];
	char name[QAE_NAME_SIZE];
	int err;

	err = parse_section_name(tb, nest, name, extack);
	if (err)
		return err;

	if (more)
		section = find_section(config, name);
	if (section)
		return continue_section(section, tb, nest, extack);

	if (config->num_sections == QAE_MAX_SECTIONS) {
		NL_SET_ERR_MSG_ATTR(extack, nest, "there are more than 64 sections");
		return -EINVAL;
	}
	section = &config->sections[config->num_sections++];
	strscpy(section->name, name, sizeof(section->name));
	return parse_section(section, tb, nest, extack);
}

static int parse_sections(struct qae_config *config, const struct nlattr *nest, bool more,
			  struct netlink_ext_ack *extack)
{
	const struct nlattr *attr;
	int rem;
	int err;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) != QAE_A_CONFIG_SECTION)
			continue;
		err = parse_one(config, attr, more, extack);
		if (err)
			return err;
	}
	return 0;
}

static int parse_first(struct qae_config *config, const struct nlattr *nest,
		       struct netlink_ext_ack *extack)
{
	struct nlattr *tb[CONFIG_MAX + 1];
	int err;

	err = nla_parse_nested(tb, CONFIG_MAX, nest, qae_config_policy, extack);
	if (err)
		return err;

	config->services = get_u32_or(tb[QAE_A_CONFIG_SERVICES], 0);
	return parse_sections(config, nest, false, extack);
}

/* info->attrs has only the last of several attributes of a type. */
static int parse_more(struct qae_config *config, const struct genl_info *info)
{
	const struct nlattr *attr;
	int rem;
	int err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != QAE_A_CONFIG_MORE)
			continue;
		if (nla_find_nested(attr, QAE_A_CONFIG_SERVICES)) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "ServicesEnabled belongs to the first part");
			return -EINVAL;
		}
		err = parse_sections(config, attr, true, info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int parse_config(struct qae_config *config, const struct genl_info *info)
{
	const char *reason;
	int err;

	err = parse_first(config, info->attrs[QAE_A_CONFIG], info->extack);
	if (!err)
		err = parse_more(config, info);
	if (err)
		return err;

	err = qae_config_check(config, &reason);
	if (err) {
		info->extack->_msg = reason;
		NL_SET_BAD_ATTR(info->extack, info->attrs[QAE_A_CONFIG]);
	}
	return err;
}

/**
 * qae_config_parse() - build a configuration from QAE_A_CONFIG and QAE_A_CONFIG_MORE
 * @info: request that has QAE_A_CONFIG; its extack says what is wrong, and in which attribute
 * @config: result; the caller frees it with qae_config_free(); written on success only
 *
 * Context: process, may sleep, no lock held.
 * Return: 0, -EINVAL, -ERANGE from a policy, or -ENOMEM.
 */
int qae_config_parse(const struct genl_info *info, struct qae_config **config)
{
	struct qae_config *built;
	int err;

	built = qae_config_alloc(QAE_MAX_SECTIONS);
	if (!built) {
		NL_SET_ERR_MSG(info->extack, "the kernel has no memory for the configuration");
		return -ENOMEM;
	}
	built->num_sections = 0;
	err = parse_config(built, info);
	if (err) {
		if (err == -ENOMEM)
			NL_SET_ERR_MSG(info->extack,
				       "the kernel has no memory for the configuration");
		qae_config_free(built);
		return err;
	}
	*config = built;
	return 0;
}
