/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * report.h - what closetrace verify prints, made from its JSON lines
 */
#ifndef VERIFY_REPORT_H
#define VERIFY_REPORT_H

#include <stdbool.h>
#include <stdio.h>

struct json_object;

struct report {
	bool quiet;			/* no header and no totals */
	bool verbose;			/* the steps and the segments too */
	struct json_object *start;	/* of the trace that looked on */
	struct json_object *lines;	/* one a case */
	struct json_object *changes;	/* with --against, in place of them; else NULL */
	struct json_object *end;
};

struct report_format {
	const char *name;		/* of -o */
	void (*cases)(const struct report *report, FILE *out);
	void (*changes)(const struct report *report, FILE *out);
};

/* NULL when there is none of that name. */
const struct report_format *report_format(const char *name);

/*
 * Hands on one line of those that are equal in all of these keys (a list that ends with NULL), of
 * one scenario, and names their paths: "ipv4, ipv6-veth", or "" when no other of it is left.
 */
typedef void report_tell(const struct report *report, const struct json_object *line,
			 const char *paths, FILE *out);
void report_each(const struct report *report, struct json_object *lines, const char *const *keys,
		 report_tell *tell, FILE *out);
/* The keys that make up a case. */
extern const char *const report_case_keys[];

extern const struct report_format report_text, report_json, report_md;

#endif
