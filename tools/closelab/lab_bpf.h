/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bpf(2) for the laboratory: small programs, written down as instructions.
 */
#ifndef CLOSELAB_LAB_BPF_H
#define CLOSELAB_LAB_BPF_H

#include <linux/bpf.h>

#define INSN(c, d, s, o, i) { .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) }
#define MOV(d, s) INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define SET(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
/* The address of the value of an array map's first entry. */
#define VALUE(d, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_VALUE, 0, fd), \
		     INSN(0, 0, 0, 0, 0)
#define MAP(d, fd) INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), \
		   INSN(0, 0, 0, 0, 0)
#define JUMP(op, d, i, o) INSN(BPF_JMP | (op) | BPF_K, d, 0, o, i)
#define END INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/* 0 or a descriptor, or a negative errno. */
int lab_bpf(enum bpf_cmd cmd, union bpf_attr *attr);
/* The program's descriptor, or a negative errno; its licence is GPL. */
int lab_bpf_load(union bpf_attr *attr, const struct bpf_insn *code, unsigned int count);

#endif
