/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * matrix.h - docs/kernel-matrix.md from what closetrace verify said in each kernel and tier
 */
#ifndef MATRIX_MATRIX_H
#define MATRIX_MATRIX_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* One kernel. */
struct matrix_column {
	char label[32];			/* as in the file's name: 6.1 */
	struct json_object *start;	/* of the full tier */
	struct json_object *full;	/* lines of type verify */
	struct json_object *base;
};

struct matrix {
	struct matrix_column *column;
	size_t columns;
	unsigned int unexplained;	/* what nobody has accounted for */
};

/* The i-th line of a scenario in lines; NULL after the last. */
struct json_object *matrix_line(struct json_object *lines, const char *scenario, size_t i);
/* Whether it was run there on some path. */
bool matrix_ran(struct json_object *lines, const char *scenario);
/* To stdout, for a cell of a table: no '|' must end it. */
void matrix_print(const char *text);

/* The two parts of the document, to stdout. */
void scenarios_print(struct matrix *matrix);
void claims_print(struct matrix *matrix);

#endif
