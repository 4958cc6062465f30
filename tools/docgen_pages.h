/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docgen_pages.h - the pages, and parts of pages, that are made from the tables */
#ifndef DOCGEN_PAGES_H
#define DOCGEN_PAGES_H

#include <stdbool.h>

/* Prints one of pages_names() to stdout; false: there is no such page. */
bool pages_print(const char *name);

/* "causes|readme|…" */
const char *pages_names(void);

#endif
