# SPDX-License-Identifier: GPL-2.0-or-later
# Sources of the program, one a line.
cli_src += cli/main.c
cli_src += cli/opts.c
cli_src += cli/run.c
cli_src += cli/select.c
cli_src += cli/cmd_scan.c
cli_src += cli/cmd_plan.c
cli_src += cli/cmd_show.c
cli_src += cli/cmd_explain.c
