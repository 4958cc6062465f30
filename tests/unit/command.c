// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* command.c - a command on the command line, held, released and ended; as whom it runs */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "identity.h"
#include "options.h"
#include "process.h"
#include "signals.h"

#define WORDS 12

/* The words stay where they are: the command is a part of them. */
__attribute__((sentinel))
static int parse(struct options *options, const char *first, ...)
{
	static char *argv[WORDS];
	int argc = 1;
	va_list rest;

	argv[0] = "closetrace";
	va_start(rest, first);
	for (const char *word = first; word; word = va_arg(rest, const char *)) {
		cr_assert(argc < WORDS - 1);
		argv[argc++] = strdup(word);
	}
	va_end(rest);
	argv[argc] = NULL;
	return options_parse(options, argc, argv);
}

#define ACCEPT(options, ...) cr_assert_eq(parse(options, __VA_ARGS__, NULL), 0, "%s",              \
					  (options)->error)
#define REFUSE(options, part, ...)                                                                 \
	do {                                                                                       \
		cr_expect_eq(parse(options, __VA_ARGS__, NULL), -EINVAL);                          \
		cr_expect(strstr((options)->error, part), "'%s'", (options)->error);               \
	} while (0)

Test(command, on_the_command_line)
{
	struct options options;

	ACCEPT(&options, "-j", "--", "curl", "-p", "7", "--", "x");
	cr_assert(options.command);
	cr_expect_str_eq(options.command[0], "curl");
	cr_expect_str_eq(options.command[1], "-p");
	cr_expect_str_eq(options.command[3], "--");
	cr_expect_null(options.command[5]);
	cr_expect_eq(options.pids, 0);
	/* Its children are traced, but not waited for. */
	cr_expect(options.tree && !options.follow);
	cr_expect(options_ask_who(&options));
	ACCEPT(&options, "trace", "-f", "--run-as", "nobody", "--output=x", "--", "curl");
	cr_expect(options.tree && options.follow);
	cr_expect_str_eq(options.run_as, "nobody");
	cr_expect_str_eq(options.output, "x");
	ACCEPT(&options, "-p", "1", "--", "curl");
	cr_expect_eq(options.pids, 1);
	ACCEPT(&options, "-p", "1");
	cr_expect_null(options.command);
	cr_expect_null(options.output);
	cr_expect(!options.tree && !options.follow);
}

Test(command, refused_on_the_command_line)
{
	struct options options;

	REFUSE(&options, "no command", "--");
	cr_expect_null(options.command);
	REFUSE(&options, "no command", "-j", "--");
	REFUSE(&options, "only trace", "check", "--", "curl");
	REFUSE(&options, "--run-as USER -- COMMAND", "--run-as", "nobody");
	REFUSE(&options, "-f follows", "-f");
	/* What precedes it is an option's value no more than anything else. */
	REFUSE(&options, "'-p'", "-p", "--", "curl");
	/* So that its failure can be told from the command's own. */
	cr_expect(options.command);
}

static struct command start(char *const *argv)
{
	struct command command;

	cr_assert_eq(command_start(&command, argv, &(struct identity){ 0 }), 0);
	cr_assert_gt(command.pid, 0);
	cr_expect(command.running);
	return command;
}

static void await(struct command *command)
{
	int signals = signals_watch(true, false);

	cr_assert_geq(signals, 0);
	command_await(command, signals);
	close(signals);
}

static int run(char *const *argv, char message[256])
{
	struct command command = start(argv);
	int rc = command_release(&command, argv[0], message);

	if (rc)
		return rc;
	await(&command);
	cr_expect(!command.running);
	return command.status;
}

Test(command, has_the_status_of_a_shell)
{
	char message[256] = "";

	cr_expect_eq(run((char *[]){ "true", NULL }, message), 0);
	cr_expect_eq(run((char *[]){ "sh", "-c", "exit 42", NULL }, message), 42);
	cr_expect_eq(run((char *[]){ "sh", "-c", "kill -9 $$", NULL }, message), 137);
	cr_expect_str_empty(message);
	cr_expect_eq(run((char *[]){ "no-such-command", NULL }, message), STATUS_NOT_FOUND);
	cr_expect(strstr(message, "'no-such-command' in PATH"), "%s", message);
	cr_expect_eq(run((char *[]){ "/nonexistent", NULL }, message), STATUS_NOT_FOUND);
	cr_expect(strstr(message, "no program '/nonexistent'"), "%s", message);
	cr_expect_eq(run((char *[]){ "/", NULL }, message), STATUS_CANNOT_RUN);
	cr_expect(strstr(message, "cannot run '/': "), "%s", message);
}

/* A folder that may not be searched hides nothing that was meant. */
Test(command, not_found_is_not_forbidden)
{
	char message[256] = "";

	setenv("PATH", "/etc/passwd:/nonexistent:/usr/bin:/bin", 1);
	cr_expect_eq(run((char *[]){ "no-such-command", NULL }, message), STATUS_NOT_FOUND);
	setenv("PATH", "/etc", 1);
	cr_expect_eq(run((char *[]){ "passwd", NULL }, message), STATUS_CANNOT_RUN);
}

Test(command, waits_for_the_word)
{
	char file[] = "/tmp/closetrace-unit-XXXXXX", message[256];
	struct command command;
	int fd = mkstemp(file);

	cr_assert_geq(fd, 0);
	close(fd);
	command = start((char *[]){ "rm", file, NULL });
	cr_expect(process_start_ticks(command.pid), "it is there");
	cr_expect_eq(access(file, F_OK), 0, "it runs already");
	cr_expect_eq(command_release(&command, "rm", message), 0);
	await(&command);
	cr_expect_neq(access(file, F_OK), 0, "it never ran");
	/* Without the word, never. */
	command = start((char *[]){ "touch", file, NULL });
	command_abandon(&command);
	cr_expect_eq(process_start_ticks(command.pid), 0, "it is still there");
	cr_expect_neq(access(file, F_OK), 0, "it ran");
}

/* Killed while it was held: no reason, but a status. */
Test(command, may_die_before)
{
	struct command command = start((char *[]){ "true", NULL });
	char message[256];

	kill(command.pid, SIGTERM);
	cr_expect_eq(command_release(&command, "true", message), 0);
	await(&command);
	cr_expect_eq(command.status, 128 + SIGTERM);
}

/* A signal from somebody else is passed on; not from the terminal, not from the command. */
Test(command, passes_signals_on)
{
	struct signalfd_siginfo info = { .ssi_signo = SIGTERM, .ssi_code = SI_KERNEL };
	char *argv[] = { "sleep", "20", NULL }, message[256];
	struct command command;

	/* A shell that has started the tests in the background has it ignored. */
	signal(SIGQUIT, SIG_DFL);
	command = start(argv);
	cr_assert_eq(command_release(&command, argv[0], message), 0);
	command_signal(&command, &info);
	info.ssi_code = SI_USER;
	info.ssi_pid = (uint32_t)command.pid;
	command_signal(&command, &info);
	info.ssi_signo = SIGQUIT;
	info.ssi_pid = (uint32_t)getppid();
	command_signal(&command, &info);
	await(&command);
	cr_expect_eq(command.status, 128 + SIGQUIT);
}

/* One that has left our process group does not hear what the terminal sends there. */
Test(command, speaks_for_the_terminal)
{
	struct signalfd_siginfo info = { .ssi_signo = SIGTERM, .ssi_code = SI_KERNEL };
	char *argv[] = { "sleep", "20", NULL }, message[256];
	struct command command = start(argv);

	cr_assert_eq(setpgid(command.pid, 0), 0);
	cr_assert_eq(command_release(&command, argv[0], message), 0);
	command_signal(&command, &info);
	await(&command);
	cr_expect_eq(command.status, 128 + SIGTERM);
}

static void set_sudo(const char *uid, const char *gid, const char *name)
{
	setenv("SUDO_UID", uid, 1);
	unsetenv("SUDO_GID");
	if (gid)
		setenv("SUDO_GID", gid, 1);
	setenv("SUDO_USER", name, 1);
}

/* Anybody can set variables: only root is told by them who it works for. */
Test(command, runs_as_the_caller)
{
	struct identity identity;
	char message[256] = "";
	int rc;

	set_sudo("65534", "65533", "nobody");
	rc = identity_find(&identity, NULL, message);
	cr_expect_eq(rc, 0, "%s", message);
	cr_expect_eq(identity.change, !geteuid());
	if (geteuid())
		return;
	cr_expect_eq(identity.uid, 65534);
	cr_expect_eq(identity.gid, 65533);
	cr_expect_str_eq(identity.name, "nobody");
	cr_expect_gt(identity.group_count, 0);
	identity_free(&identity);
	set_sudo("0", "0", "root");
	cr_expect_eq(identity_find(&identity, NULL, message), 0);
	cr_expect(!identity.change);
	set_sudo("-1", "0", "root");
	cr_expect_eq(identity_find(&identity, NULL, message), -EINVAL);
	cr_expect(strstr(message, "--run-as"), "%s", message);
	/* Somebody whom no file names, and of whom sudo says too little. */
	set_sudo("3999999", NULL, "stranger");
	cr_expect_neq(identity_find(&identity, NULL, message), 0);
	identity_free(&identity);
	set_sudo("3999999", "77", "stranger");
	cr_expect_eq(identity_find(&identity, NULL, message), 0);
	cr_expect_eq(identity.gid, 77);
	cr_expect_null(identity.name);
	identity_free(&identity);
}

Test(command, runs_as_who_is_named)
{
	struct identity identity;
	char message[256] = "";

	unsetenv("SUDO_UID");
	cr_expect_eq(identity_find(&identity, NULL, message), 0);
	cr_expect(!identity.change);
	set_sudo("1", "1", "daemon");
	cr_expect_eq(identity_find(&identity, "nobody", message), 0, "%s", message);
	cr_expect(identity.change);
	cr_expect_eq(identity.uid, 65534);
	cr_expect_str_eq(identity.name, "nobody");
	identity_free(&identity);
	cr_expect_neq(identity_find(&identity, "no-such-user", message), 0);
	cr_expect(strstr(message, "no user 'no-such-user'"), "%s", message);
	identity_free(&identity);
}
