/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A gate before a listener: an eBPF socket filter that keeps the processor busy in softirq while a
 * segment without SYN waits, until a word of shared memory lets it pass. tcp_filter() runs it when
 * the listener has been found and was still listening: what happens meanwhile comes in between.
 *
 * A filter cannot sleep and must end: it copies large values in a bounded loop, for some 500 ms on
 * real hardware; emulated processors may take turns of 100 ms. If nobody has opened the gate by
 * then, the segment is dropped.
 *
 * bpf(2) needs CAP_BPF or CAP_SYS_ADMIN, and the waiting segment a processor of its own. Two gates
 * at once could keep both processors from those who open them: there is a lock for all processes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "lab.h"
#include "lab_bpf.h"

#define FLAGS_OFFSET 13
#define TURNS 4000
#define BALLAST (1u << 21)

/* The shared words, at the start of the map's only value. */
struct lab_gate {
	uint32_t held;		/* a segment waits */
	uint32_t open;
	int lock;		/* a descriptor */
};

struct gate {
	struct lab_gate *words;
	int map, ballast, filter;	/* descriptors */
};

static int create_map(uint32_t size, uint32_t entries, uint32_t flags)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = sizeof(uint32_t),
		.value_size = size, .max_entries = entries, .map_flags = flags,
	};

	return lab_bpf(BPF_MAP_CREATE, &attr);
}

static int load_filter(const struct gate *gate)
{
	const struct bpf_insn code[] = {
		MOV(6, 1),
		INSN(BPF_LD | BPF_ABS | BPF_B, 0, 0, 0, FLAGS_OFFSET),
		JUMP(BPF_JSET, 0, TH_SYN, 20),			/* to: pass */
		VALUE(7, gate->map),
		INSN(BPF_ST | BPF_MEM | BPF_W, 7, 0, offsetof(struct lab_gate, held), 1),
		INSN(BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, 0),	/* the key: 0 */
		SET(8, 0),
		/* loop: */
		INSN(BPF_LDX | BPF_MEM | BPF_W, 0, 7, offsetof(struct lab_gate, open), 0),
		JUMP(BPF_JEQ, 0, 0, 1),				/* to: wait */
		JUMP(BPF_JA, 0, 0, 12),				/* to: pass */
		/* wait: */
		MAP(1, gate->ballast),
		MOV(2, 10),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4),
		VALUE(3, gate->ballast),
		SET(4, BPF_ANY),
		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_update_elem),
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 8, 0, 0, 1),
		JUMP(BPF_JLT, 8, TURNS, -13),			/* to: loop */
		SET(0, 0),
		END,
		/* pass: */
		SET(0, INT32_MAX),
		END,
	};
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER };

	return lab_bpf_load(&attr, code, sizeof(code) / sizeof(*code));
}

/* A word needs a whole page to be shared. */
static int make_gate(struct gate *gate)
{
	/* Before 5.11 maps count as locked memory. */
	const struct rlimit all = { .rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct lab_gate *words;

	setrlimit(RLIMIT_MEMLOCK, &all);
	gate->map = create_map((uint32_t)page, 1, BPF_F_MMAPABLE);
	gate->ballast = gate->map < 0 ? gate->map : create_map(BALLAST, 1, 0);
	gate->filter = gate->ballast < 0 ? gate->ballast : load_filter(gate);
	if (gate->filter < 0)
		return gate->filter;
	words = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, gate->map, 0);
	if (words == MAP_FAILED)
		return -errno;
	gate->words = words;
	return 0;
}

static void close_gate(struct gate *gate)
{
	const int fds[] = { gate->map, gate->ballast, gate->filter };

	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		if (fds[i] >= 0)
			close(fds[i]);
	}
}

/* The program's own file is one that all can lock. A descriptor or a negative errno. */
static int take_lock(uint64_t deadline)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK && lab_pause(deadline))
			continue;
		close(fd);
		return -ETIMEDOUT;
	}
	return fd < 0 ? -errno : fd;
}

void lab_gate(struct lab *lab, enum lab_who who)
{
	struct gate gate = { .map = -1, .ballast = -1, .filter = -1 };
	int lock, rc;

	if (!lab_step(lab, "a gate before the %s", lab_who_name(who)))
		return;
	lock = take_lock(lab_deadline_us(lab));
	rc = lock < 0 ? lock : make_gate(&gate);
	if (!rc && setsockopt(lab->fd[who], SOL_SOCKET, SO_ATTACH_BPF, &gate.filter,
			      sizeof(gate.filter)) < 0)
		rc = -errno;
	/* The socket holds the filter, the filter the maps; the words stay mapped till the end. */
	close_gate(&gate);
	if (gate.words)
		gate.words->lock = lock;
	else if (lock >= 0)
		close(lock);
	lab->gate = gate.words;
	if (rc < 0)
		lab_fail(lab, -rc);
}

void lab_gate_holds(struct lab *lab)
{
	uint64_t deadline = lab_deadline_us(lab);

	if (!lab_step(lab, "a segment waits at the gate"))
		return;
	/* No pause: the segment does not wait for long. */
	while (!__atomic_load_n(&lab->gate->held, __ATOMIC_ACQUIRE)) {
		if (lab_now_us() > deadline) {
			lab_fail(lab, ETIMEDOUT);
			return;
		}
	}
}

void lab_gate_open(struct lab *lab)
{
	lab_step(lab, "the gate opens");
	if (!lab->gate)
		return;
	__atomic_store_n(&lab->gate->open, 1, __ATOMIC_RELEASE);
	close(lab->gate->lock);
	munmap(lab->gate, (size_t)sysconf(_SC_PAGESIZE));
	lab->gate = NULL;
}
