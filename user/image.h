/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * image.h - the program of one process as it is mapped: modules, their files, their symbols
 *
 * Files are opened as the process has them (its mount namespace, deleted ones too), and what was
 * read stays good when the process has ended.  Nothing is asked from the network: elfutils does
 * that only in functions that are not used here.
 */
#ifndef CLOSETRACE_IMAGE_H
#define CLOSETRACE_IMAGE_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <sys/types.h>

#include "abi/stack.h"
#include "frame.h"
#include "maps.h"
#include "symbols.h"

struct walk;

struct image {
	pid_t pid;
	pid_t own_pid;		/* in its own pid namespace */
	uid_t uid;		/* effective */
	uint64_t start_ticks;	/* 1/100 s since boot */
	uint64_t exec_id;	/* of the program; valid with exec_known */
	bool exec_known;
	int root;		/* its root directory, O_PATH */
	uint64_t read_ns;	/* when maps were read, CLOCK_MONOTONIC */
	struct maps maps;
	struct symbols runtime;	/* of code that the program made */
	Dwfl *dwfl;
	struct walk *walk;			/* while a stack is unwound */
};

/*
 * Reads what process @pid has mapped now.  NULL: it has ended or is ending, it is not the one that
 * was started at @start_ticks (0: any), or it may not be read; errno tells.
 */
struct image *image_open(pid_t pid, uint64_t start_ticks);

/*
 * Reads it again.  What is known stays when the process has ended, or has by now another program
 * than that of the stack.
 */
void image_refresh(struct image *image, const struct record_stack *stack);

/* Whether the registers of a stack can be of this program: code at the one, memory at the other. */
bool image_fits(const struct maps *maps, const struct record_stack *stack);

/* The module at an address; NULL: none, or what lies between its parts. */
Dwfl_Module *image_module(const struct image *image, uint64_t address);

void image_close(struct image *image);

#endif
