// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* frame.c - the text of frames, and names that processes choose */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "frame.h"
#include "naming.h"

static void expect(const struct frame *frame, const char *text, const char *name)
{
	char is[FRAME_TEXT];

	frame_text(frame, is);
	cr_expect_str_eq(is, text, "%s", is);
	frame_name(frame, is);
	cr_expect_str_eq(is, name, "%s", is);
}

Test(frame, forms)
{
	expect(&(struct frame){ "close", "libc.so.6", "close.c:27", 16, false },
	       "close+0x10 (libc.so.6) close.c:27", "close");
	expect(&(struct frame){ "close", "libc.so.6", "", 0, false }, "close+0x0 (libc.so.6)",
	       "close");
	expect(&(struct frame){ "", "libc.so.6", "", 0x1a2b, false }, "0x1a2b (libc.so.6)",
	       "[libc.so.6]");
	expect(&(struct frame){ "", "", "", 0x7f0011223344, false }, "0x7f0011223344", "[unknown]");
	expect(&(struct frame){ "", "kernel", "", 0, false }, "? (kernel)", "[kernel]");
	expect(&(struct frame){ "[partial: so]", "", "", 0, true }, "[partial: so]", "[partial]");
}

/* The longest of all parts fit. */
Test(frame, nothing_is_cut)
{
	struct frame frame = { .offset = UINT64_MAX };
	char text[FRAME_TEXT];

	memset(frame.symbol, 's', sizeof(frame.symbol) - 1);
	memset(frame.module, 'm', sizeof(frame.module) - 1);
	memset(frame.source, 'f', sizeof(frame.source) - 1);
	frame_text(&frame, text);
	cr_expect_eq(strlen(text), sizeof(frame.symbol) - 1 + sizeof(frame.module) - 1 +
				   sizeof(frame.source) - 1 + strlen("+0xffffffffffffffff () "));
}

Test(frame, there_is_always_room_for_the_mark)
{
	static struct frames frames;
	size_t count = 0;

	frames_start(&frames);
	cr_expect(frames.known);
	while (frames_next(&frames))
		count++;
	cr_expect_eq(count, FRAMES_ROOM - 1);
	frames_cut(&frames, "too many frames");
	cr_expect_eq(frames.count, FRAMES_ROOM);
	expect(&frames.frame[FRAMES_ROOM - 1], "[partial: too many frames]", "[partial]");
}

static void expect_made(const char *symbol, const char *expected)
{
	char name[FRAME_SYMBOL];

	naming_made_symbol(symbol, name);
	cr_expect_str_eq(name, expected, "%s", name);
}

/* A source keeps its name and loses its folders. */
Test(frame, runtimes_put_paths_into_names)
{
	expect_made("JS:~close", "JS:~close");
	expect_made("JS:*onData /srv/secret/app.js:5:80", "JS:*onData app.js:5:80");
	expect_made("JS:~destroy node:internal/streams/destroy:48:17",
		    "JS:~destroy node:destroy:48:17");
	expect_made("LazyCompile:~f file:///srv/a b/c.mjs:1:2", "LazyCompile:~f file:c.mjs:1:2");
	expect_made("py::Server.close:/usr/lib/python3.12/socketserver.py",
		    "py::Server.close:socketserver.py");
	expect_made("/srv/x", "x");
	expect_made("", "");
}

Test(frame, names_are_inert)
{
	char name[FRAME_SYMBOL], longest[1000];

	expect_made("a\x1b]0;x\x07\n\xff", "a\\x1b]0;x\\x07\\x0a\\xff");
	naming_symbol("ngx_close\x9b_connection\x7f", name);
	cr_expect_str_eq(name, "ngx_close\\x9b_connection\\x7f");
	memset(longest, 'y', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	naming_symbol(longest, name);
	cr_expect_geq(strlen(name), FRAME_SYMBOL - 8);
	cr_expect_str_eq(name + strlen(name) - 4, "y...");
	expect_made(longest, name);
}

Test(frame, cxx_names_are_readable)
{
	char name[FRAME_SYMBOL];

	naming_symbol("_ZN4node10HandleWrap5CloseERKN2v820FunctionCallbackInfoINS1_5ValueEEE",
		      name);
	/* Without the C++ library the name stays as it is. */
	if (name[0] != '_')
		cr_expect_str_eq(name, "node::HandleWrap::Close("
				       "v8::FunctionCallbackInfo<v8::Value> const&)");
	naming_symbol("_Zwrong", name);
	cr_expect_str_eq(name, "_Zwrong");
	naming_symbol("_start", name);
	cr_expect_str_eq(name, "_start");
	naming_symbol("connect@@GLIBC_2.2.5", name);
	cr_expect_str_eq(name, "connect");
}
