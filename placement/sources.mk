# SPDX-License-Identifier: GPL-2.0-or-later
# Sources of the placement, one a line.
lib_src += placement/view.c
lib_src += placement/link.c
lib_src += placement/places.c
lib_src += placement/plan.c
lib_src += placement/declare.c
lib_src += placement/declare_write.c
lib_src += placement/declare_verify.c
lib_src += placement/driver_table.c
lib_src += placement/query.c
