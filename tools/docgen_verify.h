/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docgen_verify.h - the keys of a JSON line, and those of closetrace verify */
#ifndef DOCGEN_VERIFY_H
#define DOCGEN_VERIFY_H

struct key {
	const char *name;
	const char *type;	/* of JSON; with a '?' at its end null too */
	const char *text;
};

static const struct key verify_keys[] = {
#define VERIFY_KEY(...) { __VA_ARGS__ },
#include "verify/keys.def"
};

static const struct key change_keys[] = {
#define CHANGE_KEY(...) { __VA_ARGS__ },
#include "verify/keys.def"
};

static const struct key verify_end_keys[] = {
#define END_KEY(...) { __VA_ARGS__ },
#include "verify/keys.def"
};

#endif
