# SPDX-License-Identifier: GPL-2.0-or-later
# Sources of the program, one a line.
cli_src += cli/main.c
cli_src += cli/opts.c
cli_src += cli/run.c
cli_src += cli/select.c
cli_src += cli/cmd_scan.c
cli_src += cli/cmd_plan.c
cli_src += cli/cmd_show.c
cli_src += cli/cmd_check.c
cli_src += cli/cmd_explain.c
cli_src += cli/quirks.c
cli_src += cli/cmd_quirks.c
cli_src += cli/cmd_quirks_lint.c
cli_src += cli/cmd_dvsec.c
cli_src += cli/cmd_dvsec_make.c
cli_src += cli/opts_dvsec.c
cli_src += cli/output.c
