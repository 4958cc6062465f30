// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "image.h"
#include "kernel.h"
#include "naming.h"
#include "run.h"
#include "stack.h"
#include "unwind.h"

#define IMAGES		16		/* each keeps tables of the files that it needed */
#define REFRESH_NS	1000000000ULL	/* libraries come and go: read maps again after this */
#define RETRY_NS	100000000ULL	/* the same where a stack tells of something new */
#define NAMES_HIDDEN	"kernel.kptr_restrict hides the kernel's symbols"

struct stacks {
	struct image *images[IMAGES];	/* the one used last is first */
	struct naming naming;
	bool kernel_hidden;
	bool denied;			/* the process that was asked for last may not be read */
	struct act_frames frames;
	struct unwind_frame unwound[FRAMES_ROOM];
};

static FILE *open_kallsyms(void)
{
	return fopen("/proc/kallsyms", "re");
}

const char *stack_user_hidden(void)
{
	return kernel_capable(CAP_SYS_PTRACE) ? NULL : "needs CAP_SYS_PTRACE";
}

const char *stack_kernel_hidden(void)
{
	FILE *file = open_kallsyms();
	bool shown;

	if (!file)
		return strerror(errno);
	shown = symbols_kernel_shown(file);
	fclose(file);
	return shown ? NULL : NAMES_HIDDEN;
}

struct stacks *stack_open(void)
{
	struct stacks *stacks = calloc(1, sizeof(*stacks));
	FILE *file = open_kallsyms();

	/* Nothing here asks for a file over the network; without this elfutils could not, ever. */
	unsetenv("DEBUGINFOD_URLS");
	if (stacks)
		stacks->kernel_hidden = !file || symbols_read_kernel(&stacks->naming.kernel, file);
	if (file)
		fclose(file);
	return stacks;
}

/* Puts an image before all others; the one that was not used for longest goes. */
static struct image *keep(struct stacks *stacks, struct image *image)
{
	size_t i;

	for (i = 0; i < IMAGES - 1 && stacks->images[i] && stacks->images[i] != image; i++)
		;
	if (stacks->images[i] != image)
		image_close(stacks->images[i]);
	memmove(&stacks->images[1], &stacks->images[0], i * sizeof(stacks->images[0]));
	stacks->images[0] = image;
	return image;
}

void stack_learn(struct stacks *stacks, pid_t pid)
{
	struct image *image = image_open(pid, 0);

	if (image)
		keep(stacks, image);
}

/* Of a process that was read before, if that was the program of this stack. */
static struct image *find(struct stacks *stacks, pid_t pid, uint64_t start_ticks,
			  const struct record_stack *stack)
{
	for (size_t i = 0; i < IMAGES && stacks->images[i]; i++) {
		struct image *image = stacks->images[i];

		if (image->pid != pid || (start_ticks && image->start_ticks != start_ticks))
			continue;
		if (image->exec_known ? image->exec_id == stack->exec_id :
					image_fits(&image->maps, stack))
			return keep(stacks, image);
	}
	return NULL;
}

/* Reads a process that by now may have another program: execve(). */
static struct image *read_now(struct stacks *stacks, pid_t pid, uint64_t start_ticks,
			      const struct record_stack *stack)
{
	struct image *image = image_open(pid, start_ticks);

	stacks->denied = !image && (errno == EACCES || errno == EPERM);
	if (image && image_fits(&image->maps, stack))
		return keep(stacks, image);
	image_close(image);
	return NULL;
}

static struct image *image_of(struct stacks *stacks, pid_t pid, const struct record_stack *stack)
{
	pid_t parent = (pid_t)stack->parent;
	struct image *image;

	image = find(stacks, pid, stack->start_ticks, stack) ?:
		read_now(stacks, pid, stack->start_ticks, stack);
	/* It has ended: what was forked has the program of its parent. */
	if (!image && parent) {
		image = find(stacks, parent, 0, stack) ?: read_now(stacks, parent, 0, stack);
		if (image && !image_fits(&image->maps, stack))
			return NULL;
	}
	if (image) {
		image->exec_id = stack->exec_id;
		image->exec_known = true;
	}
	return image;
}

void stack_note(struct stacks *stacks, const struct act *act)
{
	if (act->stack && act->stack->registers)
		image_of(stacks, (pid_t)act->record.actor.pid, act->stack);
}

static bool in_exec(const struct record *r)
{
	return (r->known & KNOWN_SYSCALL) &&
	       (r->syscall == SYS_execve || r->syscall == SYS_execveat);
}

static const char *reason_of(enum unwind_end end)
{
	switch (end) {
	case UNWIND_BEYOND:
		return "deeper than what was copied";
	case UNWIND_NO_TABLE:
		return "nothing tells where the caller is";
	case UNWIND_NO_CODE:
		return "what should be the caller is no code";
	case UNWIND_FULL:
		return "too many frames";
	case UNWIND_COMPLETE:
		break;
	}
	return NULL;
}

/* A library that was loaded, code that was made since the image was read? */
static bool shows_new(struct image *image, const struct unwind_frame *frames, size_t count,
		      enum unwind_end end)
{
	if (run_now() - image->read_ns < RETRY_NS)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint64_t at = frames[i].pc - !frames[i].exact, offset;

		if (!maps_in_module(&image->maps, at) &&
		    !symbols_find_runtime(&image->runtime, at, &offset))
			return true;
	}
	return end == UNWIND_NO_CODE;
}

static const char *tell_user(struct stacks *stacks, struct image *image,
			     const struct record_stack *stack)
{
	struct frames *frames = &stacks->frames.user;
	enum unwind_end end;
	size_t count;

	if (run_now() - image->read_ns > REFRESH_NS)
		image_refresh(image, stack);
	end = unwind_stack(image, stack, stacks->unwound, FRAMES_ROOM - 1, &count);
	if (shows_new(image, stacks->unwound, count, end)) {
		image_refresh(image, stack);
		end = unwind_stack(image, stack, stacks->unwound, FRAMES_ROOM - 1, &count);
	}
	for (size_t i = 0; i < count; i++)
		naming_user(&stacks->naming, image, &stacks->unwound[i], frames_next(frames));
	return reason_of(end);
}

/* Without the program there is the one address that the registers tell. */
static const char *tell_address(struct stacks *stacks, const struct record_stack *stack)
{
	frames_next(&stacks->frames.user)->offset = stack->pc;
	return stacks->denied ? "not permitted to read its program" :
				"the process ended before its program was read";
}

static void add_user(struct stacks *stacks, const struct act *act)
{
	const struct record_stack *stack = act->stack;
	struct frames *frames = &stacks->frames.user;
	const char *reason = "execve() had replaced the program";
	struct image *image;

	frames_start(frames);
	if (!in_exec(&act->record)) {
		image = image_of(stacks, (pid_t)act->record.actor.pid, stack);
		reason = image ? tell_user(stacks, image, stack) : tell_address(stacks, stack);
	}
	/* exit() gives the memory back before it closes files. */
	if ((act->record.known & KNOWN_EXIT) && !stack->bytes)
		reason = "the process was exiting, its memory was gone";
	if (reason)
		frames_cut(frames, reason);
}

/*
 * The innermost frames are of tracing itself: from our program up to the tracepoint that called it.
 */
static size_t skip_tracing(const struct stacks *stacks, const struct record_stack *stack)
{
	static const char *const prefixes[] = { "bpf_trace_run", "__bpf_trace_", "__traceiter_" };
	size_t skip = 0;

	for (size_t i = 0; i < stack->frames; i++) {
		const char *name;
		uint64_t offset;
		bool tracing = false;

		name = symbols_find_kernel(&stacks->naming.kernel, stack->kernel[i] - 1, &offset);
		for (size_t j = 0; name && j < sizeof(prefixes) / sizeof(prefixes[0]); j++)
			tracing |= !strncmp(name, prefixes[j], strlen(prefixes[j]));
		if (tracing)
			skip = i + 1;
		else if (skip)
			break;
	}
	return skip;
}

static void add_kernel(struct stacks *stacks, const struct record_stack *stack)
{
	struct frames *frames = &stacks->frames.kernel;

	frames_start(frames);
	if (stacks->kernel_hidden) {
		frames_cut(frames, NAMES_HIDDEN);
		return;
	}
	for (size_t i = skip_tracing(stacks, stack); i < stack->frames; i++)
		naming_kernel(&stacks->naming, stack->kernel[i], frames_next(frames));
	if (stack->frames == STACK_FRAMES)
		frames_cut(frames, reason_of(UNWIND_FULL));
}

const struct act_frames *stack_frames(struct stacks *stacks, const struct act *act)
{
	stacks->frames.user.known = false;
	stacks->frames.kernel.known = false;
	if (act->stack && act->stack->registers)
		add_user(stacks, act);
	if (act->stack && act->stack->frames)
		add_kernel(stacks, act->stack);
	return &stacks->frames;
}

void stack_close(struct stacks *stacks)
{
	if (!stacks)
		return;
	for (size_t i = 0; i < IMAGES; i++)
		image_close(stacks->images[i]);
	naming_free(&stacks->naming);
	free(stacks);
}
