/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PASID answers from the running kernel, through VFIO and iommufd. */
#include "live.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "live_parts.h"

/* A call that signals interrupt this often is given up. */
#define TRIES 100u

static int system_open(void *ctx, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	(void)ctx;
	return fd < 0 ? -errno : fd;
}

static int system_node(void *ctx, int fd, struct capgap_live_node *out)
{
	struct stat st;

	(void)ctx;
	memset(out, 0, sizeof(*out));
	if (fstat(fd, &st))
		return -errno;
	out->is_device = S_ISCHR(st.st_mode);
	if (out->is_device) {
		out->major = major(st.st_rdev);
		out->minor = minor(st.st_rdev);
	}
	return 0;
}

static int system_close(void *ctx, int fd)
{
	(void)ctx;
	return close(fd) ? -errno : 0;
}

static int system_ioctl(void *ctx, int fd, unsigned long request, uintptr_t arg)
{
	int rc = ioctl(fd, request, arg);

	(void)ctx;
	return rc < 0 ? -errno : rc;
}

static ssize_t system_pread(void *ctx, int fd, void *buf, size_t len, uint64_t off)
{
	off_t at = (off_t)off;
	ssize_t got;

	(void)ctx;
	if (at < 0 || (uint64_t)at != off)
		return -EOVERFLOW;
	got = pread(fd, buf, len, at);
	return got < 0 ? -errno : got;
}

static int system_readlink(void *ctx, const char *path, char *buf, size_t len)
{
	ssize_t got = readlink(path, buf, len);

	(void)ctx;
	if (got < 0)
		return -errno;
	/* What is cut off ends in another name. */
	if ((size_t)got >= len)
		return -ENAMETOOLONG;
	buf[got] = '\0';
	return 0;
}

static int system_read(void *ctx, const char *path, char *buf, size_t len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	int rc = 0;

	(void)ctx;
	if (fd < 0)
		return -errno;
	got = read(fd, buf, len - 1);
	if (got < 0)
		rc = -errno;
	else
		buf[got] = '\0';
	close(fd);
	return rc;
}

static int system_list(void *ctx, const char *path, capgap_live_name_fn *each, void *arg)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int rc;

	(void)ctx;
	if (!dir)
		return -errno;
	while ((errno = 0, entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			each(arg, entry->d_name);
	}
	rc = -errno;
	closedir(dir);
	return rc;
}

const struct capgap_live_ops *capgap_live_system(void)
{
	static const struct capgap_live_ops ops = {
		.open = system_open,
		.node = system_node,
		.close = system_close,
		.ioctl = system_ioctl,
		.pread = system_pread,
		.readlink = system_readlink,
		.read = system_read,
		.list = system_list,
	};

	return &ops;
}

int capgap_live_open(struct capgap_live_session *s, enum capgap_live_step step,
		     const char *directory, const char *name)
{
	char path[CAPGAP_LIVE_PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s%s",
			   s->req->dev ? s->req->dev : "/dev", directory, name);
	int rc = -ENAMETOOLONG;

	if (len >= 0 && (size_t)len < sizeof(path)) {
		rc = -EINTR;
		for (unsigned i = 0; i < TRIES && rc == -EINTR; i++)
			rc = s->ops->open(s->ops->ctx, path);
	}
	return rc < 0 ? capgap_live_fail(s, step, -rc, path) : rc;
}

int capgap_live_node(const struct capgap_live_session *s, int fd,
		     struct capgap_live_node *out)
{
	int rc = -EINTR;

	for (unsigned i = 0; i < TRIES && rc == -EINTR; i++)
		rc = s->ops->node(s->ops->ctx, fd, out);
	return rc;
}

int capgap_live_ioctl(const struct capgap_live_session *s, int fd, unsigned long request,
		      uintptr_t arg)
{
	int rc = -EINTR;

	for (unsigned i = 0; i < TRIES && rc == -EINTR; i++)
		rc = s->ops->ioctl(s->ops->ctx, fd, request, arg);
	return rc;
}

static ssize_t read_again(const struct capgap_live_session *s, void *buf, size_t len,
			  uint64_t off)
{
	ssize_t got = -EINTR;

	for (unsigned i = 0; i < TRIES && got == -EINTR; i++)
		got = s->ops->pread(s->ops->ctx, s->device, buf, len, off);
	return got;
}

/*
 * What close() returns is of no use: nothing was written, and the descriptor is gone, so that
 * it is neither tried again nor told.
 */
static void close_one(const struct capgap_live_session *s, int *fd)
{
	if (*fd >= 0)
		s->ops->close(s->ops->ctx, *fd);
	*fd = -1;
}

/* The device first: it holds on to what it was reached through. */
static void close_all(struct capgap_live_session *s)
{
	close_one(s, &s->device);
	close_one(s, &s->iommufd);
	close_one(s, &s->group);
	close_one(s, &s->container);
}

static void begin(struct capgap_live_session *s, const struct capgap_live_ops *ops,
		  const struct capgap_live_request *req,
		  const struct capgap_live_facts *facts)
{
	memset(s, 0, sizeof(*s));
	s->ops = ops;
	s->req = req;
	s->facts = facts;
	s->device = -1;
	s->iommufd = -1;
	s->group = -1;
	s->container = -1;
}

/* The system lacks something that only the cdev needs, so the group may still do. */
static bool lacks_cdev(const struct capgap_live_trouble *trouble)
{
	return trouble->situation == CAPGAP_LIVE_NO_CDEV ||
	       trouble->situation == CAPGAP_LIVE_NO_NODE ||
	       trouble->situation == CAPGAP_LIVE_NO_IOMMUFD;
}

/* Open the device on the path that is asked for, or on the first that there is. */
static int open_device(struct capgap_live_session *s, struct capgap_live_trouble *no_cdev)
{
	if (s->req->path != CAPGAP_LIVE_PATH_GROUP) {
		if (!capgap_live_open_cdev(s))
			return 0;
		if (s->req->path == CAPGAP_LIVE_PATH_CDEV || !lacks_cdev(&s->trouble))
			return -CAPGAP_E_REFUSED;
		close_all(s);
		*no_cdev = s->trouble;
		memset(&s->trouble, 0, sizeof(s->trouble));
	}
	return capgap_live_open_group(s);
}

/* Eight bytes and the PROBE bit: the kernel says whether it could, and does nothing. */
static int probe_feature(const struct capgap_live_session *s, unsigned index)
{
	struct capgap_uapi_feature feature = {
		.argsz = sizeof(feature),
		.flags = CAPGAP_UAPI_FEATURE_PROBE | index,
	};

	return capgap_live_ioctl(s, s->device, CAPGAP_UAPI_DEVICE_FEATURE,
				 (uintptr_t)&feature);
}

static enum capgap_live_feature judge_feature(int rc)
{
	switch (rc) {
	case -ENOTTY:
		return CAPGAP_LIVE_FEATURE_NO;
	case -EINVAL:
	case -EOPNOTSUPP:
		return CAPGAP_LIVE_FEATURE_UNUSABLE;
	default:
		return rc < 0 ? CAPGAP_LIVE_FEATURE_ERROR : CAPGAP_LIVE_FEATURE_YES;
	}
}

/* One feature's error is noted and the next is asked, unless the device is gone. */
static int probe_features(struct capgap_live_session *s, struct capgap_live *out)
{
	for (unsigned i = 0; i < CAPGAP_LIVE_FEATURES; i++) {
		int rc = probe_feature(s, i);

		if (rc == -ENODEV)
			return capgap_live_fail(s, CAPGAP_LIVE_STEP_FEATURE, ENODEV,
						NULL);
		out->feature[i] = judge_feature(rc);
		out->feature_err[i] = rc < 0 ? -rc : 0;
	}
	return 0;
}

/**
 * struct visit - what is done with a device, and where what comes of it goes
 * @ops: the calls
 * @req: what is asked
 * @work: is called once the device is reached
 * @ctx: its first argument
 * @facts: what sysfs says
 * @path: the way that led there
 * @trouble: what failed
 * @no_cdev: why the cdev was passed over
 */
struct visit {
	const struct capgap_live_ops *ops;
	const struct capgap_live_request *req;
	void (*work)(void *ctx, struct capgap_live_session *s);
	void *ctx;
	struct capgap_live_facts *facts;
	enum capgap_live_path *path;
	struct capgap_live_trouble *trouble;
	struct capgap_live_trouble *no_cdev;
};

/*
 * Whether a function is what somebody agreed to have opened: consent was given to what sysfs
 * said then, and it is sysfs, read again, that names the nodes.
 */
static bool is_as_agreed(const struct capgap_live_facts *now,
			 const struct capgap_live_request *req,
			 struct capgap_live_trouble *trouble)
{
	const struct capgap_live_facts *then = &req->agreed;

	if (!req->has_agreed ||
	    (!strcmp(now->driver, then->driver) && !strcmp(now->cdev, then->cdev) &&
	     now->has_group == then->has_group && now->group == then->group))
		return true;
	*trouble = (struct capgap_live_trouble){ .situation = CAPGAP_LIVE_CHANGED,
						 .step = CAPGAP_LIVE_STEP_SYSFS };
	if (strcmp(now->driver, then->driver) != 0)
		snprintf(trouble->detail, sizeof(trouble->detail),
			 "it was bound to %s, and is to %s",
			 then->driver[0] ? then->driver : "no driver",
			 now->driver[0] ? now->driver : "no driver");
	else if (strcmp(now->cdev, then->cdev) != 0)
		snprintf(trouble->detail, sizeof(trouble->detail),
			 "its vfio-dev was %s, and is %s",
			 then->cdev[0] ? then->cdev : "none",
			 now->cdev[0] ? now->cdev : "none");
	else
		snprintf(trouble->detail, sizeof(trouble->detail),
			 "its IOMMU group was %u, and is %u", then->group, now->group);
	return false;
}

/* From the consent to the last close. */
static int visit_device(const struct visit *visit)
{
	struct capgap_live_session s;

	if (!visit->req->consent) {
		visit->trouble->situation = CAPGAP_LIVE_NO_CONSENT;
		return -CAPGAP_E_CONSENT;
	}
	if (capgap_live_look(visit->facts, visit->ops, visit->req, visit->trouble) ||
	    !is_as_agreed(visit->facts, visit->req, visit->trouble))
		return -CAPGAP_E_REFUSED;
	begin(&s, visit->ops, visit->req, visit->facts);
	if (!open_device(&s, visit->no_cdev)) {
		*visit->path = s.path;
		visit->work(visit->ctx, &s);
	}
	close_all(&s);
	*visit->trouble = s.trouble;
	return s.trouble.situation == CAPGAP_LIVE_NONE ? 0 : -CAPGAP_E_REFUSED;
}

/* After this the device is gone, or cannot be asked anything. */
static bool is_over(const struct capgap_live_trouble *trouble)
{
	return trouble->situation == CAPGAP_LIVE_GONE;
}

static void query(void *ctx, struct capgap_live_session *s)
{
	struct capgap_live *out = ctx;

	if (s->path == CAPGAP_LIVE_PATH_CDEV)
		capgap_live_hw_info(s, out);
	if (!is_over(&s->trouble))
		probe_features(s, out);
}

int capgap_live_query(struct capgap_live *out, const struct capgap_live_ops *ops,
		      const struct capgap_live_request *req)
{
	const struct visit visit = {
		.ops = ops,
		.req = req,
		.work = query,
		.ctx = out,
		.facts = &out->facts,
		.path = &out->path,
		.trouble = &out->trouble,
		.no_cdev = &out->no_cdev,
	};

	memset(out, 0, sizeof(*out));
	return visit_device(&visit);
}

static int find_region(struct capgap_live_session *s,
		       struct capgap_uapi_region_info *region)
{
	struct capgap_uapi_device_info info = { .argsz = sizeof(info) };
	int rc;

	rc = capgap_live_ioctl(s, s->device, CAPGAP_UAPI_DEVICE_GET_INFO,
			       (uintptr_t)&info);
	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_DEVICE_INFO, -rc, NULL);
	if (!(info.flags & CAPGAP_UAPI_DEVICE_PCI) ||
	    info.num_regions <= CAPGAP_UAPI_CONFIG_REGION)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_DEVICE_INFO, 0, NULL);
	rc = capgap_live_ioctl(s, s->device, CAPGAP_UAPI_DEVICE_GET_REGION_INFO,
			       (uintptr_t)region);
	if (rc < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_REGION_INFO, -rc, NULL);
	if (!region->size)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_REGION_INFO, 0, NULL);
	return 0;
}

/* What is left of the region: bytes read, 0 at the end, or -CAPGAP_E_REFUSED. */
static ssize_t read_piece(struct capgap_live_session *s, struct capgap_live_config *out,
			  uint64_t off)
{
	size_t len = out->end - out->len;
	ssize_t got = read_again(s, out->byte + out->len, len, off);
	char detail[sizeof(s->trouble.detail)];

	if (got < 0)
		return capgap_live_fail(s, CAPGAP_LIVE_STEP_READ_CONFIG, (int)-got, NULL);
	if ((size_t)got <= len)
		return got;
	memset(out->byte + out->len, 0, len);
	snprintf(detail, sizeof(detail), "it gave %zd bytes, and %zu were asked for", got,
		 len);
	return capgap_live_fail(s, CAPGAP_LIVE_STEP_READ_CONFIG, 0, detail);
}

static void read_region(void *ctx, struct capgap_live_session *s)
{
	struct capgap_live_config *out = ctx;
	struct capgap_uapi_region_info region = {
		.argsz = sizeof(region),
		.index = CAPGAP_UAPI_CONFIG_REGION,
	};

	if (find_region(s, &region))
		return;
	out->size = region.size < CAPGAP_SPACE_MAX ? (size_t)region.size :
						     CAPGAP_SPACE_MAX;
	out->end = s->req->limit && s->req->limit < out->size ? s->req->limit : out->size;
	while (out->len < out->end) {
		ssize_t got = read_piece(s, out, region.offset + out->len);

		if (got <= 0)
			return;
		out->len += (size_t)got;
	}
}

int capgap_live_read_config(struct capgap_live_config *out,
			    const struct capgap_live_ops *ops,
			    const struct capgap_live_request *req)
{
	const struct visit visit = {
		.ops = ops,
		.req = req,
		.work = read_region,
		.ctx = out,
		.facts = &out->facts,
		.path = &out->path,
		.trouble = &out->trouble,
		.no_cdev = &out->no_cdev,
	};

	memset(out, 0, sizeof(*out));
	return visit_device(&visit);
}
