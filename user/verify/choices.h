/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* choices.h - the settings of --sysctl, for the private namespaces */
#ifndef VERIFY_CHOICES_H
#define VERIFY_CHOICES_H

#include "options.h"

/*
 * Has the laboratory write them into each namespace that it makes; options must stay. 0, or a
 * negative errno with *message saying in one line what is wrong; -EPERM: no privilege.
 */
int choices_take(const struct option_verify *options, char message[256]);

#endif
