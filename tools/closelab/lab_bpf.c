/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bpf(2), and bpf_sock_destroy(): a BPF iterator goes over the TCP sockets of a namespace while
 * somebody reads it, and its program ends one of them. The kernel has it from 6.5 on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <bpf/btf.h>
#include <sys/syscall.h>

#include "lab.h"
#include "lab_bpf.h"
#include "path.h"

/* struct bpf_iter__tcp: a pointer to meta data, then one to the socket; NULL at the end. */
#define ITER_SOCKET 8
/* struct sock_common: remote port in network byte order, then the local one in the host's. */
#define SOCK_PORTS 12

int lab_bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	int rc = (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return rc < 0 ? -errno : rc;
}

int lab_bpf_load(union bpf_attr *attr, const struct bpf_insn *code, unsigned int count)
{
	attr->insns = (uint64_t)(uintptr_t)code;
	attr->insn_cnt = count;
	attr->license = (uint64_t)(uintptr_t)"GPL";
	/* The verifier gives up for now when a signal or a task work is pending. */
	for (int tries = 0; tries < 10; tries++) {
		int fd = lab_bpf(BPF_PROG_LOAD, attr);

		if (fd != -EAGAIN)
			return fd;
	}
	return -EAGAIN;
}

/* A program for the iterator "tcp" that ends the socket of these two ports. */
static int load_killer(uint16_t local, uint16_t remote)
{
	const uint16_t ports[] = { htons(remote), local };
	struct btf *btf = btf__load_vmlinux_btf();
	int iterator, function, rc;
	int32_t both;

	if (!btf)
		return -errno;
	memcpy(&both, ports, sizeof(both));
	iterator = btf__find_by_name_kind(btf, "bpf_iter_tcp", BTF_KIND_FUNC);
	function = btf__find_by_name_kind(btf, "bpf_sock_destroy", BTF_KIND_FUNC);
	btf__free(btf);
	if (iterator < 0 || function < 0)
		return -ENOSYS;

	const struct bpf_insn code[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_DW, 1, 1, ITER_SOCKET, 0),
		JUMP(BPF_JEQ, 1, 0, 3),				/* to: done */
		INSN(BPF_LDX | BPF_MEM | BPF_W, 2, 1, SOCK_PORTS, 0),
		INSN(BPF_JMP32 | BPF_JNE | BPF_K, 2, 0, 1, both),	/* to: done */
		INSN(BPF_JMP | BPF_CALL, 0, BPF_PSEUDO_KFUNC_CALL, 0, function),
		/* done: */
		SET(0, 0),
		END,
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_TRACING, .expected_attach_type = BPF_TRACE_ITER,
		.attach_btf_id = (uint32_t)iterator,
	};

	rc = lab_bpf_load(&attr, code, sizeof(code) / sizeof(*code));
	return rc;
}

/* Whose sockets it goes over is settled when it is made: those of the caller's namespace. */
static int make_iterator(int program)
{
	union bpf_attr link = {
		.link_create = { .prog_fd = (uint32_t)program, .attach_type = BPF_TRACE_ITER },
	};
	int fd = lab_bpf(BPF_LINK_CREATE, &link);
	union bpf_attr iter = { .iter_create = { .link_fd = (uint32_t)fd } };
	int rc;

	if (fd < 0)
		return fd;
	rc = lab_bpf(BPF_ITER_CREATE, &iter);
	close(fd);
	return rc;
}

static int run_killer(const struct lab *lab, enum lab_who local, enum lab_who remote)
{
	int program = load_killer(lab_port_of(lab, local), lab_port_of(lab, remote));
	int rc = program < 0 ? program : path_enter(lab->path, lab_end_of(local));
	char text[64];
	int fd;

	if (!rc) {
		fd = make_iterator(program);
		path_leave(lab->path);
		rc = fd < 0 ? fd : read(fd, text, sizeof(text)) < 0 ? -errno : 0;
		if (fd >= 0)
			close(fd);
	}
	if (program >= 0)
		close(program);
	return rc;
}

void lab_destroy_bpf(struct lab *lab, enum lab_who local, enum lab_who remote)
{
	int rc;

	if (!lab_step(lab, "bpf_sock_destroy() of the %s", lab_who_name(local)))
		return;
	rc = run_killer(lab, local, remote);
	if (rc < 0)
		lab_fail(lab, -rc);
}
