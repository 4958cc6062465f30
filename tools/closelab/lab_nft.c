/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Netfilter's REJECT, by the program nft: the only step that needs a program besides this one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <sys/wait.h>

#include "lab.h"
#include "path.h"

/* Loading the modules takes a busy emulated machine long. */
#define NFT_WAIT_US 15000000u

/* A table for each port, as others may use the namespace too. */
static const char ruleset[] =
	"table inet closelab_%u {\n"
	"	chain input {\n"
	"		type filter hook input priority 0;\n"
	"		tcp dport %u %s reject with tcp reset\n"
	"	}\n"
	"}\n";

/* What it writes would end up among our lines. */
static void nft_main(const struct path *path, const char *rules)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (path_enter(path, LAB_END_SERVER) == 0)
		execlp("nft", "nft", rules, NULL);
	_exit(127);
}

/* Its exit status, or a negative errno. */
static int run_once(const struct path *path, const char *rules)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		nft_main(path, rules);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

static void run_nft(struct lab *lab, const char *rules)
{
	uint64_t deadline = lab_deadline_us(lab) + NFT_WAIT_US;
	int rc;

	/* It fails while another one has the kernel load the module. */
	do
		rc = run_once(lab->path, rules);
	while (rc > 0 && rc != 127 && lab_pause(deadline));
	if (rc)
		lab_fail(lab, rc < 0 ? -rc : rc == 127 ? ENOENT : ENOTSUP);
}

static void reject(struct lab *lab, const char *which)
{
	char rules[sizeof(ruleset) + 64];

	snprintf(rules, sizeof(rules), ruleset, lab->ends.server_port, lab->ends.server_port,
		 which);
	run_nft(lab, rules);
}

void lab_reject(struct lab *lab)
{
	if (lab_step(lab, "nft rejects what the client sends"))
		reject(lab, "");
}

void lab_reject_data(struct lab *lab)
{
	if (lab_step(lab, "nft rejects data that the client sends"))
		reject(lab, "tcp flags & psh == psh");
}

void lab_reject_end(struct lab *lab)
{
	char rules[64];

	if (!lab_step(lab, "nft rejects nothing any more"))
		return;
	snprintf(rules, sizeof(rules), "delete table inet closelab_%u\n", lab->ends.server_port);
	run_nft(lab, rules);
}
