// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"
#include "message.h"
#include "options.h"
#include "process.h"
#include "signals.h"

/* What the child tells when it could not go on; execve() closes the gate and tells nothing. */
struct verdict {
	int error;
	bool executing;		/* else it could not become the user */
};

/* Whether a folder of PATH has it: one that may not be searched is no proof. */
static bool is_in_path(const char *name)
{
	char *list = strdup(getenv("PATH") ?: ""), *rest = list, path[PATH_MAX];
	const char *folder;
	bool found = false;

	while (!found && (folder = strsep(&rest, ":"))) {
		snprintf(path, sizeof(path), "%s/%s", *folder ? folder : ".", name);
		found = !access(path, F_OK);
	}
	free(list);
	return found;
}

/* In the child: waits for the word, becomes the user, and is the command from then on. */
static void run(int gate, char *const *argv, const struct identity *identity)
{
	struct verdict verdict = { 0 };
	char word;

	if (TEMP_FAILURE_RETRY(read(gate, &word, 1)) == 1) {
		verdict.error = -identity_take(identity);
		if (!verdict.error) {
			execvp(argv[0], argv);
			verdict.error = errno;
			verdict.executing = true;
			if (errno == EACCES && !strchr(argv[0], '/') && !is_in_path(argv[0]))
				verdict.error = ENOENT;
		}
		send(gate, &verdict, sizeof(verdict), MSG_NOSIGNAL);
	}
	_exit(STATUS_FAILED);
}

int command_start(struct command *command, char *const *argv, const struct identity *identity)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	pid = fork();
	if (!pid) {
		close(pair[0]);
		run(pair[1], argv, identity);
	}
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		return -errno;
	}
	/* Who ignores it has children that leave no status; the command has its own already. */
	signal(SIGCHLD, SIG_DFL);
	*command = (struct command){ .pid = pid, .gate = pair[0], .running = true };
	return 0;
}

static int explain(const struct verdict *verdict, const char *name, char message[MESSAGE])
{
	if (!verdict->executing) {
		message_form(message, "cannot become the user to run '%s' (%s); run as root", name,
			     strerror(verdict->error));
		return STATUS_FAILED;
	}
	if (verdict->error != ENOENT) {
		message_form(message, "cannot run '%s': %s", name, strerror(verdict->error));
		return STATUS_CANNOT_RUN;
	}
	message_form(message, strchr(name, '/') ? "no program '%s', or not its interpreter" :
						   "no command '%s' in PATH", name);
	return STATUS_NOT_FOUND;
}

static void shut_gate(struct command *command)
{
	close(command->gate);
	command->gate = -1;
}

int command_release(struct command *command, const char *name, char message[MESSAGE])
{
	struct verdict verdict;
	ssize_t size;

	/* One that was killed meanwhile is told by its status. */
	send(command->gate, "", 1, MSG_NOSIGNAL);
	size = TEMP_FAILURE_RETRY(recv(command->gate, &verdict, sizeof(verdict), 0));
	shut_gate(command);
	if (size != sizeof(verdict))
		return 0;
	return explain(&verdict, name, message);
}

/* The process group that the terminal listens to; -1: there is no terminal. */
static pid_t foreground(int *terminal)
{
	*terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	return *terminal < 0 ? -1 : tcgetpgrp(*terminal);
}

/*
 * A shell, or another command that has made a group of its own and given it the terminal, has
 * stopped: our caller, who wants the terminal back, waits for us, so our group stops as well.
 */
static void stop_too(const struct command *command)
{
	pid_t group = getpgid(command->pid);
	int terminal;

	if (group == getpgrp())
		return;		/* the terminal has stopped us too, or nobody meant us */
	if (foreground(&terminal) == group)
		kill(0, SIGTSTP);
	if (terminal >= 0)
		close(terminal);
}

/* Our caller has continued us: so is a command that stopped in a group of its own. */
static void resume(struct command *command)
{
	pid_t group = getpgid(command->pid);
	int terminal;

	if (!command->stopped || group == getpgrp())
		return;
	if (foreground(&terminal) == getpgrp())
		tcsetpgrp(terminal, group);
	if (terminal >= 0)
		close(terminal);
	command->stopped = false;
	kill(-group, SIGCONT);
}

void command_look(struct command *command)
{
	int status;

	while (command->running &&
	       waitpid(command->pid, &status, WNOHANG | WUNTRACED | WCONTINUED) == command->pid) {
		command->stopped = WIFSTOPPED(status);
		if (command->stopped)
			stop_too(command);
		if (!WIFEXITED(status) && !WIFSIGNALED(status))
			continue;
		command->running = false;
		command->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

/* Whether the sender is the command or a descendant. */
static bool sent_by_it(const struct command *command, pid_t sender)
{
	struct process_stat stat;

	while (sender > 1 && sender != command->pid && process_stat(sender, &stat))
		sender = stat.parent;
	return sender == command->pid;
}

void command_signal(struct command *command, const struct signalfd_siginfo *info)
{
	bool shared = getpgid(command->pid) == getpgrp();

	if (info->ssi_signo == SIGCONT)
		resume(command);
	else if (info->ssi_code == SI_KERNEL && shared)
		return;		/* of the terminal: it has it already */
	else if (sent_by_it(command, (pid_t)info->ssi_pid))
		return;		/* as kill(0, ...) does */
	else
		kill(command->pid, (int)info->ssi_signo);
}

void command_await(struct command *command, int signals)
{
	struct pollfd poll_signals = { .fd = signals, .events = POLLIN };
	struct signalfd_siginfo info;

	command_look(command);
	while (command->running) {
		poll(&poll_signals, 1, -1);
		while (command->running && signals_next(signals, &info)) {
			if (info.ssi_signo == SIGCHLD)
				command_look(command);
			else if (info.ssi_signo != SIGUSR1 && info.ssi_signo != SIGWINCH)
				command_signal(command, &info);
		}
	}
}

void command_abandon(struct command *command)
{
	if (command->gate < 0)
		return;
	shut_gate(command);
	TEMP_FAILURE_RETRY(waitpid(command->pid, NULL, 0));
}
