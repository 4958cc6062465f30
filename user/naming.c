// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "naming.h"
#include "words.h"

/*
 * To name a frame takes a millisecond, or a hundred where debug information has to be unpacked, so
 * it is done once for all processes that have the same file.
 */
struct named {
	uint64_t file;		/* of its build id */
	uint64_t at;		/* address in the file, and in the lowest bit: exact */
	struct frame frame;
};

/*
 * The C++ runtime's own function, taken when the first such name comes: a process that has them has
 * the library, and closetrace need not be linked with it.  NULL: names stay as they are.
 */
static char *demangle(const char *symbol)
{
	static char *(*function)(const char *, char *, size_t *, int *);
	static bool tried;

	if (strncmp(symbol, "_Z", 2))
		return NULL;
	if (!tried) {
		void *library = dlopen("libstdc++.so.6", RTLD_NOW | RTLD_LOCAL);

		tried = true;
		if (library)
			function = dlsym(library, "__cxa_demangle");
	}
	return function ? function(symbol, NULL, NULL, NULL) : NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What is too long says so. */
static void make_inert(const char *name, char out[FRAME_SYMBOL])
{
	static const char more[] = "...";
	size_t length = strlen(name);

	if (length < FRAME_SYMBOL - sizeof(more)) {
		words_inert(name, length, out, FRAME_SYMBOL);
		return;
	}
	words_inert(name, length, out, FRAME_SYMBOL - sizeof(more));
	strcat(out, more);
}

void naming_symbol(const char *symbol, char out[FRAME_SYMBOL])
{
	/* Without the version of a library's interface: "connect@@GLIBC_2.2.5". */
	char *plain = strndup(symbol, strcspn(symbol, "@"));
	char *readable = plain ? demangle(plain) : NULL;

	make_inert(readable ?: plain ?: symbol, out);
	free(readable);
	free(plain);
}

void naming_made_symbol(const char *symbol, char out[FRAME_SYMBOL])
{
	const char *name = base_name(symbol);
	size_t length = name == symbol ? 0 : strcspn(symbol, "/");
	char text[1024];

	/* The path may be relative: back to where it begins. */
	while (length && !strchr(" :(", symbol[length - 1]))
		length--;
	snprintf(text, sizeof(text), "%.*s%s", (int)length, symbol, name);
	make_inert(text, out);
}

static void name_module(const char *path, struct frame *frame)
{
	const char *name = base_name(path);

	words_inert(name, strlen(name), frame->module, sizeof(frame->module));
}

static void name_line(Dwfl_Module *module, uint64_t at, struct frame *frame)
{
	Dwfl_Line *line = dwfl_module_getsrc(module, at);
	const char *path;
	int number;

	if (!line)
		return;
	path = dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL);
	if (path && number > 0) {
		char text[FRAME_SOURCE];

		snprintf(text, sizeof(text), "%s:%d", base_name(path), number);
		words_inert(text, sizeof(text), frame->source, sizeof(frame->source));
	}
}

static void name_in_module(Dwfl_Module *module, uint64_t bias, const struct unwind_frame *from,
			   struct frame *frame)
{
	uint64_t at = from->pc - !from->exact;
	const char *symbol;
	GElf_Off offset;
	GElf_Sym sym;

	name_module(dwfl_module_info(module, NULL, NULL, NULL, NULL, NULL, NULL, NULL), frame);
	symbol = dwfl_module_addrinfo(module, at, &offset, &sym, NULL, NULL, NULL);
	if (symbol)
		naming_symbol(symbol, frame->symbol);
	/* Without a symbol as addr2line takes it. */
	frame->offset = symbol ? offset + !from->exact : from->pc - bias;
	name_line(module, at, frame);
}

/* Eight bytes of the build id; 0: there is none. */
static uint64_t file_id(Dwfl_Module *module)
{
	const unsigned char *bits;
	GElf_Addr address;
	uint64_t id = 0;

	if (dwfl_module_build_id(module, &bits, &address) >= (int)sizeof(id))
		memcpy(&id, bits, sizeof(id));
	return id;
}

static void name_in_file(struct naming *naming, Dwfl_Module *module,
			 const struct unwind_frame *from, struct frame *frame)
{
	GElf_Addr bias = 0;
	struct named **slot, *named;
	uint64_t file, at;

	/* Also opens the file, without which there is no build id. */
	dwfl_module_getelf(module, &bias);
	file = file_id(module);
	at = (from->pc - bias) << 1 | from->exact;
	slot = &naming->kept[(file ^ at ^ at >> 13) % NAMING_KEPT];
	named = *slot;
	if (named && named->file == file && named->at == at) {
		*frame = named->frame;
		return;
	}
	name_in_module(module, bias, from, frame);
	named = named ?: malloc(sizeof(*named));
	if (!file || !named) {
		if (!*slot)
			free(named);
		return;
	}
	*named = (struct named){ .file = file, .at = at, .frame = *frame };
	*slot = named;
}

/* Code in no file: a runtime made it, and may have told its name. */
static void name_made(struct image *image, const struct unwind_frame *from,
		      struct frame *frame)
{
	const char *symbol = symbols_find_runtime(&image->runtime, from->pc - !from->exact,
						  &frame->offset);

	snprintf(frame->module, sizeof(frame->module), "jit");
	if (!symbol) {
		frame->offset = from->pc;
		return;
	}
	naming_made_symbol(symbol, frame->symbol);
	frame->offset += !from->exact;
}

void naming_user(struct naming *naming, struct image *image, const struct unwind_frame *from,
		 struct frame *frame)
{
	Dwfl_Module *module = image_module(image, from->pc - !from->exact);

	if (module)
		name_in_file(naming, module, from, frame);
	else
		name_made(image, from, frame);
}

void naming_kernel(const struct naming *naming, uint64_t address, struct frame *frame)
{
	const char *name = symbols_find_kernel(&naming->kernel, address - 1, &frame->offset);
	const char *module;
	char symbol[FRAME_SYMBOL];

	snprintf(frame->module, sizeof(frame->module), "kernel");
	if (!name) {
		frame->offset = 0;	/* no address of the kernel is shown */
		return;
	}
	snprintf(symbol, sizeof(symbol), "%.*s", (int)strcspn(name, "\t"), name);
	words_inert(symbol, sizeof(symbol), frame->symbol, sizeof(frame->symbol));
	frame->offset++;
	module = strchr(name, '[');
	if (module) {
		char text[FRAME_MODULE];

		snprintf(text, sizeof(text), "kernel %.*s", (int)strcspn(module + 1, "]"),
			 module + 1);
		words_inert(text, sizeof(text), frame->module, sizeof(frame->module));
	}
}

void naming_free(struct naming *naming)
{
	for (size_t i = 0; i < NAMING_KEPT; i++)
		free(naming->kept[i]);
	symbols_free(&naming->kernel);
}
