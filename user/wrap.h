/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* wrap.h - running text in lines that fit */
#ifndef CLOSETRACE_WRAP_H
#define CLOSETRACE_WRAP_H

#include <stdio.h>

#define WRAP_COLUMNS	79	/* a terminal of 80 does not break the line */

/*
 * Prints words with line breaks at blanks, and a newline.  Each line but the first begins with
 * @indent blanks; the first starts in that column already.  A word that is too long stands alone.
 */
void wrap_print(FILE *out, const char *text, int indent);

/* The same on a terminal of so many columns; 0: it is none, and all is one line. */
void wrap_within(FILE *out, const char *text, int indent, int columns);

/* Prints lines as they are, each behind @indent blanks, and a newline. */
void wrap_lines(FILE *out, const char *text, int indent);

#endif
