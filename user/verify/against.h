/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * against.h - an earlier run of closetrace verify, and what has changed since
 */
#ifndef VERIFY_AGAINST_H
#define VERIFY_AGAINST_H

#include <stddef.h>

struct json_object;

/*
 * The lines of type verify of a file of verify -o json, in an array to be put away; NULL with
 * *message saying in one line what is wrong with it.
 */
struct json_object *against_load(const char *path, char message[256]);

/*
 * An array of lines of type change, to be put away. A case that only one of the two has is no
 * change: what ran is chosen by options; *unknown is how many of these lines the file has not.
 */
struct json_object *against_compare(struct json_object *stored, struct json_object *lines,
				    size_t *unknown);

#endif
