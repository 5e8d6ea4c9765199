/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rogue get|set|leak|write - does what a query must never do
 *
 * For the scripts in bad/, each of which has to fail: a harness that finds nothing wrong
 * with this program proves nothing about another.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../placement/uapi.h"

#define ATTRIBUTE "/sys/bus/pci/devices/0000:00:04.0/driver_override"

/* A plain GET or SET of the first feature. */
static void ask(uint32_t operation)
{
	struct capgap_uapi_feature feature = { sizeof(feature), operation | 1u };
	int fd = open("/dev/vfio/devices/vfio0", O_RDWR | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, CAPGAP_UAPI_DEVICE_FEATURE, &feature))
		perror("rogue");
	close(fd);
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	int fd = -1;

	if (!strcmp(what, "get"))
		ask(CAPGAP_UAPI_FEATURE_GET);
	else if (!strcmp(what, "set"))
		ask(CAPGAP_UAPI_FEATURE_SET);
	else if (!strcmp(what, "leak"))
		fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	else if (!strcmp(what, "write"))
		fd = open(ATTRIBUTE, O_WRONLY | O_CLOEXEC);
	else
		return 2;
	printf("%s %s\n", what, fd < 0 ? "-" : "done");
	return 0;
}
