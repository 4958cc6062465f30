// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "wrap.h"

void wrap_within(FILE *out, const char *text, int indent, int columns)
{
	int column = indent;

	while (*text) {
		int length = (int)strcspn(text, " ");

		if (column > indent && columns && column + 1 + length > columns) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putc(' ', out);
			column++;
		}
		fprintf(out, "%.*s", length, text);
		column += length;
		text += length;
		text += strspn(text, " ");
	}
	putc('\n', out);
}

void wrap_print(FILE *out, const char *text, int indent)
{
	wrap_within(out, text, indent, WRAP_COLUMNS);
}

void wrap_lines(FILE *out, const char *text, int indent)
{
	while (*text) {
		int length = (int)strcspn(text, "\n");

		if (length)
			fprintf(out, "%*s%.*s", indent, "", length, text);
		putc('\n', out);
		text += length + (text[length] == '\n');
	}
}
