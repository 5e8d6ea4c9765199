/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the tests of node devices share: libvirt's XML in pieces. */
#ifndef CAPGAP_TESTS_CHECK_NODEDEV_H
#define CAPGAP_TESTS_CHECK_NODEDEV_H

#define AT(bus, slot, fn)                                                                \
	"<domain>0</domain><bus>" #bus "</bus><slot>" #slot "</slot><function>" #fn      \
	"</function>"
#define PCI(body) "<capability type='pci'>" body "</capability>"
#define DEVICE(body) "<device>" PCI(body) "</device>"
#define ADDRESS(bus, slot, fn)                                                           \
	"<address domain='0x0000' bus='0x" #bus "' slot='0x" #slot "' function='0x" #fn  \
	"'/>"
#define PHYSFN(address) "<capability type='phys_function'>" address "</capability>"
#define VFS(addresses)                                                                   \
	"<capability type='virt_functions' maxCount='7'>" addresses "</capability>"
#define IDS(vendor, device) "<vendor id='" vendor "'>V</vendor><product id='" device "'/>"

/* The function that is asked about: bus 3, slot 16, function 2 in decimal. */
#define OWN AT(3, 16, 2)
#define OWN_BDF "0000:03:10.2"

#endif
