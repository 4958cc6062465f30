// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "spool.h"

int spool_begin(struct spool *spool, FILE **place)
{
	if (!*place)
		return 0;
	if (!spool->memory)
		spool->memory = open_memstream(&spool->text, &spool->size);
	if (!spool->memory)
		return -ENOMEM;
	spool->place = place;
	spool->real = *place;
	*place = spool->memory;
	return 0;
}

/* The memory is used again: to get it anew each time costs more than to fill it. */
int spool_end(struct spool *spool)
{
	bool kept;

	if (!spool->place)
		return 0;
	*spool->place = spool->real;
	spool->place = NULL;
	kept = !fflush(spool->memory) && !ferror(spool->memory);
	if (kept && fwrite(spool->text, 1, spool->size, spool->real) != spool->size)
		return -errno;
	rewind(spool->memory);
	return kept ? 0 : -ENOMEM;
}

void spool_free(struct spool *spool)
{
	if (spool->memory)
		fclose(spool->memory);
	free(spool->text);
	*spool = (struct spool){ 0 };
}
