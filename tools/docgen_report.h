/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docgen_report.h - the keys of what closetrace report prints beside acts */
#ifndef DOCGEN_REPORT_H
#define DOCGEN_REPORT_H

#include "docgen_names.h"

static const struct key gap_keys[] = {
	{ "time", "string", "RFC 3339, UTC: when it begins" },
	{ "until", "string", "RFC 3339, UTC" },
	{ "run", "string", "as in start: the one that has noticed it" },
	{ "kind", "string", "stopped: nobody recorded; full: the file could not be written, as on "
	  "a full disk; lost: while recording" },
	{ "acts", "integer?", "that are missing; null: of a stop nobody knows" },
};

#define TALLY_KEYS                                                                                 \
	{ "acts", "integer", "how many" },                                                         \
	{ "fin", "integer", "of these with a FIN sent" },                                          \
	{ "rst_out", "integer", "with a RST sent" },                                               \
	{ "rst_in", "integer", "with a RST received" },                                            \
	{ "silent", "integer", "without a packet" },                                               \
	{ "lossy", "integer", "that lost data" }

static const struct key bucket_keys[] = {
	{ "time", "string", "RFC 3339, UTC: when it begins" },
	{ "seconds", "integer", "how long it is" },
	TALLY_KEYS,
};

/* And the keys of an act that were asked for. */
static const struct key group_keys[] = { TALLY_KEYS };

#endif
