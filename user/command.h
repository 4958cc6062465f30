/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * command.h - a command that is traced from its beginning to its end: closetrace -- CMD
 *
 * It is forked before anything else is done, so that it inherits what we were given and nothing of
 * ours, and waits to be released before it calls execve().  It is never ptraced, so that programs
 * with a setuid bit work as ever.
 *
 * It stays in our process group: what the terminal sends reaches both of us.  What is sent to us
 * alone is passed on.
 */
#ifndef CLOSETRACE_COMMAND_H
#define CLOSETRACE_COMMAND_H

#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/types.h>

#include "identity.h"
#include "message.h"

struct command {
	pid_t pid;		/* 0: there is none */
	int gate;		/* socket to it until it is released; else -1 */
	bool running;		/* it has not ended yet */
	bool stopped;		/* by a signal */
	int status;		/* when it has ended: what a shell would call its exit status */
};

/* Forks it, held.  0 or a negative errno. */
int command_start(struct command *command, char *const *argv, const struct identity *identity);

/* Lets it go.  0, or the exit status that says why it does not run, with the reason. */
int command_release(struct command *command, const char *name, char message[MESSAGE]);

/* After SIGCHLD: has it ended, has it stopped? */
void command_look(struct command *command);

/* A signal that came to us. */
void command_signal(struct command *command, const struct signalfd_siginfo *info);

/* Until it has ended, passing on what the descriptor of signals_watch() tells. */
void command_await(struct command *command, int signals);

/* One that was not released never runs. */
void command_abandon(struct command *command);

#endif
