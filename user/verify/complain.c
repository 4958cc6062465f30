/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include <stdarg.h>

#include "complain.h"

void complain(struct complaints *to, const char *fmt, ...)
{
	va_list args;

	to->count++;
	fprintf(to->out, "%s: ", to->about);
	va_start(args, fmt);
	vfprintf(to->out, fmt, args);
	va_end(args);
	fputc('\n', to->out);
}
