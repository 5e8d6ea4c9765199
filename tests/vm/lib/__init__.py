# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of tests/vm: what guests are made of, how they run, what they are asked."""
