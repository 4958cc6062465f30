/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* output.h - where the lines go */
#ifndef CLOSETRACE_OUTPUT_H
#define CLOSETRACE_OUTPUT_H

#include <stdio.h>

#include "message.h"
#include "options.h"
#include "sinks/sink.h"

/*
 * The file of --output; else standard output, which with a command is the command's: then standard
 * error.  NULL with *message saying what is wrong.
 */
FILE *output_open(const struct options *options, char message[MESSAGE]);

/* The stream, and all that the options say of how lines look; 0 or -EIO with *message. */
int output_sink(struct sink_options *sink, const struct options *options, char message[MESSAGE]);

/*
 * Standard error as a stream of our own, for lines beside those of a command that has it too: each
 * is written at once, and O_NONBLOCK, which some programs set, is not ours.  After fork().
 */
void output_beside_command(void);

/* The terminal's, 0: it is none. */
unsigned int output_columns(FILE *out);

/* Only on a terminal, unless they are asked for; NO_COLOR and TERM=dumb turn them off. */
bool output_colors(FILE *out, enum option_color color);

#endif
