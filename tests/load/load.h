/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * load: more endings at once than anybody reads.
 *
 * Each kind runs in a network namespace of its own, whose inode number it prints; it begins when a
 * line comes from stdin and ends with lines of "key value": what it did, and what the kernel
 * counted there.
 */
#ifndef LOAD_H
#define LOAD_H

#include <netinet/in.h>
#include <stdint.h>

/* One connection, both ends. */
struct pair {
	int client, server;
};

/* A listener of 127.0.0.1; 0 as the port: the kernel chooses one, and tells it in *address. */
int pair_listen(struct sockaddr_in *address, int backlog);
/* Connects to a listener and accepts there. */
struct pair pair_open(int listener, const struct sockaddr_in *address);
/* Until the other end's data is there, and left unread. */
void pair_await_data(int fd);
void pair_linger0(int fd);

/* A number of a line of /proc/self/net/snmp, "Tcp" "OutRsts". */
uint64_t load_counter(const char *protocol, const char *name);
double load_seconds(void);
/* Ends the program with what has failed. */
void load_fail(const char *what) __attribute__((noreturn));
/* Whose acts are told apart by their comm. */
void load_name(const char *comm);

/* SYNs to closed ports, @rate a second (0: as fast as it goes), and @rare acts beside them. */
void load_storm(unsigned long segments, unsigned long rate, unsigned long rare);
/* A process that has @count connections is killed. */
void load_kill(unsigned long count);
/* @count connections that end in every way that takes no time, one after the other. */
void load_churn(unsigned long count);
/* @rate connections a second, in all @count, of which each end tells of a reset. */
void load_pace(unsigned long rate, unsigned long count);
/* Prints "hash|lru NAME ENTRIES ROOM" for each map that a process has. */
void load_entries(const char *pid);

#endif
