/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* docgen_names.h - docs/names.md: our keys in the words of OpenTelemetry and of Elastic */
#ifndef DOCGEN_NAMES_H
#define DOCGEN_NAMES_H

struct json_object;

/* The page for all keys of the schema, to stdout; -ENOENT when one of them has no row. */
int docgen_names(struct json_object *schema);

#endif
