// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "gap.h"
#include "stamp.h"

static const char *const names[GAP_KINDS] = {
	[GAP_STOPPED] = "stopped", [GAP_FULL] = "full", [GAP_LOST] = "lost",
};

const char *gap_kind_name(enum gap_kind kind)
{
	return names[kind];
}

enum gap_kind gap_kind_by_name(const char *name)
{
	enum gap_kind kind = GAP_STOPPED;

	while (kind < GAP_KINDS && strcmp(names[kind], name) != 0)
		kind++;
	return kind;
}

void gap_text(const struct gap *gap, char message[MESSAGE])
{
	char since[WORDS_TIME], until[WORDS_TIME];

	stamp_text(STAMP_DATE, gap->since_ns, 0, since);
	stamp_text(STAMP_DATE, gap->until_ns, 0, until);
	if (gap->kind == GAP_STOPPED)
		message_form(message, "nobody recorded from %s to %s", since, until);
	else
		message_form(message, "%llu act%s missing between %s and %s: %s",
			     (unsigned long long)gap->count, gap->count == 1 ? " is" : "s are",
			     since, until, gap->kind == GAP_FULL ? "the file could not be "
			     "written, as on a full disk" : "lost while recording");
}
