/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * message.h - what is said on stderr: one line, whatever words of others stand in it
 *
 * An argument, a path or a name may hold a newline, an escape code or a hundred thousand letters;
 * what mends the matter stands behind it.  So such text is inert, as in the output, and a message
 * that is too long loses its middle.
 */
#ifndef CLOSETRACE_MESSAGE_H
#define CLOSETRACE_MESSAGE_H

#include <stdarg.h>

#define MESSAGE	256

void message_form(char message[MESSAGE], const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void message_vform(char message[MESSAGE], const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

/* The same behind our name, to stderr. */
void message_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
