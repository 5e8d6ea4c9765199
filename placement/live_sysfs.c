/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysfs says of a function, without touching it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../analyzer/source/sysfs.h"
#include "live_parts.h"

/**
 * struct sysfs - where to look
 * @ops: the calls
 * @root: directory of sysfs
 * @bdf: the function's address
 */
struct sysfs {
	const struct capgap_live_ops *ops;
	const char *root;
	char bdf[CAPGAP_BDF_TEXT];
};

static struct sysfs sysfs_of(const struct capgap_live_ops *ops,
			     const struct capgap_live_request *req)
{
	struct sysfs sysfs = { .ops = ops, .root = req->sysfs ? req->sysfs : "/sys" };

	capgap_bdf_format(&req->bdf, sysfs.bdf);
	return sysfs;
}

__attribute__((format(printf, 3, 4))) static bool
make_path(const struct sysfs *sysfs, char out[CAPGAP_LIVE_PATH_MAX], const char *fmt, ...)
{
	int used = snprintf(out, CAPGAP_LIVE_PATH_MAX, "%s/", sysfs->root);
	va_list ap;
	int more;

	if (used < 0 || used >= CAPGAP_LIVE_PATH_MAX)
		return false;
	va_start(ap, fmt);
	more = vsnprintf(out + used, (size_t)(CAPGAP_LIVE_PATH_MAX - used), fmt, ap);
	va_end(ap);
	return more >= 0 && more < CAPGAP_LIVE_PATH_MAX - used;
}

/* Copy a name when it fits, and is nothing but a name. */
static bool take_name(char out[CAPGAP_LIVE_NAME], const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= CAPGAP_LIVE_NAME || strchr(name, '/') || name[0] == '.')
		return false;
	memcpy(out, name, len + 1);
	return true;
}

/* Last part of a link's target; "" where there is no link. */
static void link_name(const struct sysfs *sysfs, const char *path,
		      char out[CAPGAP_LIVE_NAME])
{
	char target[CAPGAP_LIVE_PATH_MAX];
	const char *slash;

	out[0] = '\0';
	if (sysfs->ops->readlink(sysfs->ops->ctx, path, target, sizeof(target)))
		return;
	slash = strrchr(target, '/');
	if (!take_name(out, slash ? slash + 1 : target))
		out[0] = '\0';
}

static void device_link(const struct sysfs *sysfs, const char *name, const char *link,
			char out[CAPGAP_LIVE_NAME])
{
	char path[CAPGAP_LIVE_PATH_MAX];

	out[0] = '\0';
	if (make_path(sysfs, path, "bus/pci/devices/%s/%s", name, link))
		link_name(sysfs, path, out);
}

static bool read_attribute(const struct sysfs *sysfs, const char *name, char *buf,
			   size_t len)
{
	char path[CAPGAP_LIVE_PATH_MAX];

	if (!make_path(sysfs, path, "bus/pci/devices/%s/%s", sysfs->bdf, name) ||
	    sysfs->ops->read(sysfs->ops->ctx, path, buf, len))
		return false;
	buf[strcspn(buf, "\n")] = '\0';
	return true;
}

static bool is_vfio(const char *driver)
{
	return strstr(driver, "vfio") != NULL;
}

/* A number of the kernel's as it prints it, and nothing else. */
static bool parse_number(const char *text, unsigned *number)
{
	size_t len = strspn(text, "0123456789");

	if (!len || len > 9 || text[len] || (text[0] == '0' && len > 1))
		return false;
	*number = (unsigned)strtoul(text, NULL, 10);
	return true;
}

static bool is_noiommu(const char *cdev)
{
	return !strncmp(cdev, "noiommu-", strlen("noiommu-"));
}

/* The number of an entry of vfio-dev: "vfio3", or "noiommu-vfio3". */
static bool cdev_number(const char *name, unsigned *number)
{
	if (is_noiommu(name))
		name += strlen("noiommu-");
	return !strncmp(name, "vfio", strlen("vfio")) &&
	       parse_number(name + strlen("vfio"), number);
}

/* The lowest, since directories are in no order. */
static void see_cdev(void *arg, const char *name)
{
	struct capgap_live_facts *facts = arg;
	unsigned number;
	unsigned before;

	if (!cdev_number(name, &number) ||
	    (cdev_number(facts->cdev, &before) && before <= number))
		return;
	take_name(facts->cdev, name);
}

struct members {
	const struct sysfs *sysfs;
	struct capgap_live_facts *facts;
};

/* By address; what is no PCI function stands behind those that are, by name. */
static bool is_before(const char *a, const char *b)
{
	struct capgap_bdf x;
	struct capgap_bdf y;
	size_t used_a = capgap_bdf_parse(a, &x);
	size_t used_b = capgap_bdf_parse(b, &y);
	bool is_a = used_a && !a[used_a];
	bool is_b = used_b && !b[used_b];

	if (!is_a || !is_b)
		return is_a == is_b ? strcmp(a, b) < 0 : is_a;
	return capgap_bdf_compare(&x, &y) < 0;
}

/* The first blocker, since directories are in no order. */
static void see_member(void *arg, const char *name)
{
	const struct members *members = arg;
	struct capgap_live_facts *facts = members->facts;
	char driver[CAPGAP_LIVE_NAME];
	char path[CAPGAP_LIVE_PATH_MAX];

	if (!strcmp(name, members->sysfs->bdf))
		return;
	if (!make_path(members->sysfs, path,
		       "bus/pci/devices/%s/iommu_group/devices/%s/driver",
		       members->sysfs->bdf, name))
		return;
	link_name(members->sysfs, path, driver);
	if (is_vfio(driver))
		facts->others++;
	if (capgap_sysfs_shares_group(driver) ||
	    (facts->blocker[0] && is_before(facts->blocker, name)))
		return;
	if (take_name(facts->blocker, name))
		take_name(facts->blocker_driver, driver);
}

static void see_group(const struct sysfs *sysfs, struct capgap_live_facts *facts)
{
	struct members members = { sysfs, facts };
	char path[CAPGAP_LIVE_PATH_MAX];
	char name[CAPGAP_LIVE_NAME];

	device_link(sysfs, sysfs->bdf, "iommu_group", name);
	facts->has_group = parse_number(name, &facts->group);
	if (!facts->has_group)
		return;
	if (read_attribute(sysfs, "iommu_group/name", name, sizeof(name)))
		facts->noiommu = !strcmp(name, "vfio-noiommu");
	if (make_path(sysfs, path, "bus/pci/devices/%s/iommu_group/devices", sysfs->bdf))
		sysfs->ops->list(sysfs->ops->ctx, path, see_member, &members);
}

/* "MAJOR:MINOR" of a dev attribute. */
static void read_node(const struct sysfs *sysfs, const char *path,
		      struct capgap_live_node *node)
{
	char text[CAPGAP_LIVE_NAME];
	char *colon;
	char *end;

	if (sysfs->ops->read(sysfs->ops->ctx, path, text, sizeof(text)))
		return;
	node->major = (unsigned)strtoul(text, &colon, 10);
	if (colon == text || *colon != ':')
		return;
	node->minor = (unsigned)strtoul(colon + 1, &end, 10);
	node->is_device = end > colon + 1 && (!*end || *end == '\n');
}

static void see_vfio(const struct sysfs *sysfs, struct capgap_live_facts *facts)
{
	char path[CAPGAP_LIVE_PATH_MAX];

	if (!make_path(sysfs, path, "bus/pci/devices/%s/vfio-dev", sysfs->bdf) ||
	    sysfs->ops->list(sysfs->ops->ctx, path, see_cdev, facts) || !facts->cdev[0])
		return;
	if (is_noiommu(facts->cdev))
		facts->noiommu = true;
	if (make_path(sysfs, path, "bus/pci/devices/%s/vfio-dev/%s/dev", sysfs->bdf,
		      facts->cdev))
		read_node(sysfs, path, &facts->node);
}

void capgap_live_look_at_node(const struct capgap_live_session *s,
			      char cdev[CAPGAP_LIVE_NAME], struct capgap_live_node *node)
{
	struct sysfs sysfs = sysfs_of(s->ops, s->req);
	struct capgap_live_facts facts = { .driver = "" };

	see_vfio(&sysfs, &facts);
	memcpy(cdev, facts.cdev, sizeof(facts.cdev));
	*node = facts.node;
}

static void see_physfn(const struct sysfs *sysfs, struct capgap_live_facts *facts)
{
	char name[CAPGAP_LIVE_NAME];
	size_t used;

	device_link(sysfs, sysfs->bdf, "physfn", name);
	used = capgap_bdf_parse(name, &facts->physfn);
	facts->has_physfn = used && !name[used];
	if (facts->has_physfn)
		device_link(sysfs, name, "driver", facts->physfn_driver);
}

static void count_vf(void *arg, const char *name)
{
	struct capgap_live_facts *facts = arg;

	facts->vfs += !strncmp(name, "virtfn", strlen("virtfn"));
}

/* By their links: reading sriov_numvfs waits where a driver is busy with the function. */
static void see_vfs(const struct sysfs *sysfs, struct capgap_live_facts *facts)
{
	char path[CAPGAP_LIVE_PATH_MAX];

	if (make_path(sysfs, path, "bus/pci/devices/%s", sysfs->bdf))
		sysfs->ops->list(sysfs->ops->ctx, path, count_vf, facts);
}

/* As capgap_sysfs_is_asleep() has it, which has the function's directory open. */
static void see_sleep(const struct sysfs *sysfs, struct capgap_live_facts *facts)
{
	char state[CAPGAP_LIVE_NAME];
	char allowed[CAPGAP_LIVE_NAME];

	if (read_attribute(sysfs, "power_state", state, sizeof(state)))
		facts->asleep = !strcmp(state, "D3cold");
	else if (read_attribute(sysfs, "power/runtime_status", state, sizeof(state)) &&
		 read_attribute(sysfs, "d3cold_allowed", allowed, sizeof(allowed)))
		facts->asleep = !strcmp(state, "suspended") && !strcmp(allowed, "1");
}

static bool parameter_is_set(const struct sysfs *sysfs, const char *module)
{
	char path[CAPGAP_LIVE_PATH_MAX];
	char value[8];

	return make_path(sysfs, path, "module/%s/parameters/allow_unsafe_interrupts",
			 module) &&
	       !sysfs->ops->read(sysfs->ops->ctx, path, value, sizeof(value)) &&
	       (value[0] == 'Y' || value[0] == '1');
}

static void ignore_name(void *arg, const char *name)
{
	(void)arg;
	(void)name;
}

/* Whether the function is there at all: 0 or errno. */
static int find_function(const struct sysfs *sysfs)
{
	char path[CAPGAP_LIVE_PATH_MAX];

	if (!make_path(sysfs, path, "bus/pci/devices/%s", sysfs->bdf))
		return ENAMETOOLONG;
	return -sysfs->ops->list(sysfs->ops->ctx, path, ignore_name, NULL);
}

int capgap_live_look(struct capgap_live_facts *out, const struct capgap_live_ops *ops,
		     const struct capgap_live_request *req,
		     struct capgap_live_trouble *trouble)
{
	struct capgap_live_session s = { .ops = ops, .req = req, .facts = out };
	struct sysfs sysfs = sysfs_of(ops, req);
	int err;

	memset(out, 0, sizeof(*out));
	err = find_function(&sysfs);
	if (!err) {
		device_link(&sysfs, sysfs.bdf, "driver", out->driver);
		see_group(&sysfs, out);
		see_vfio(&sysfs, out);
		see_physfn(&sysfs, out);
		see_vfs(&sysfs, out);
		see_sleep(&sysfs, out);
		out->unsafe_iommufd = parameter_is_set(&sysfs, "iommufd");
		out->unsafe_type1 = parameter_is_set(&sysfs, "vfio_iommu_type1");
	}
	if (err || capgap_live_foresee(out) != CAPGAP_LIVE_NONE)
		capgap_live_fail(&s, CAPGAP_LIVE_STEP_SYSFS, err, NULL);
	if (trouble)
		*trouble = s.trouble;
	return s.trouble.situation == CAPGAP_LIVE_NONE ? 0 : -CAPGAP_E_REFUSED;
}
