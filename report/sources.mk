# SPDX-License-Identifier: GPL-2.0-or-later
# Sources of the reports, one a line.
lib_src += report/report.c
lib_src += report/text.c
lib_src += report/text_show.c
lib_src += report/json.c
lib_src += report/json_answer.c
lib_src += report/ndjson.c
lib_src += report/names.c
