/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* line.h - one line of text: its columns, their order on narrow terminals, their colours */
#ifndef CLOSETRACE_LINE_H
#define CLOSETRACE_LINE_H

#include "../services.h"
#include "../words.h"
#include "sink.h"

/* Colours stand for whose doing it was, not for each cause. */
enum paint { PAINT_NONE, PAINT_ASIDE, PAINT_GOOD, PAINT_OURS, PAINT_THEIRS, PAINT_REPLY,
	     PAINT_ALARM };

struct line {
	const struct act *act;		/* when, who, and which connection */
	int64_t since_ns;		/* for those styles of -t that need it */
	const char *wire;
	const char *what;		/* cause, or another word in its place */
	const char *evidence;
	enum paint paint;		/* of wire and what */
	bool bold;
};

/* Below 100 columns an act takes two lines, because addresses are never cut. */
bool line_folds(const struct sink_options *options);

void line_head(const struct sink_options *options);
void line_print(const struct sink_options *options, const struct line *line);

/* "nginx[812]", "(nginx[812])", "-": as in the column WHO. */
#define LINE_WHO	(WORDS_COMM + 20)
void line_who(const struct act *act, char who[LINE_WHO]);

/* "443", or with -N "https". */
void line_port(const struct sink_options *options, uint16_t port, char name[SERVICES_NAME]);

/* "10.0.0.5:443", "[::1]:443". */
#define LINE_END	(WORDS_ADDRESS + SERVICES_NAME + 4)
void line_end(const struct sink_options *options, const uint8_t address[16], int family,
	      uint16_t port, char out[LINE_END]);

#endif
