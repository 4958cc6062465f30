// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "services.h"
#include "words.h"

#define PORTS	65536

/* By port; once read, for the whole run. */
static char (*names)[SERVICES_NAME];

int services_read(FILE *file)
{
	char line[512], name[64], protocol[8], inert[SERVICES_NAME];
	unsigned int port;

	if (!names)
		names = calloc(PORTS, sizeof(*names));
	if (!names)
		return -ENOMEM;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "#\n")] = '\0';
		if (sscanf(line, "%63s %5u/%7s", name, &port, protocol) != 3)
			continue;
		/* The first name of a port is its name. */
		if (strcmp(protocol, "tcp") || port >= PORTS || names[port][0] ||
		    strlen(name) >= SERVICES_NAME)
			continue;
		words_inert(name, strlen(name), inert, sizeof(inert));
		strcpy(names[port], inert);
	}
	return ferror(file) ? -EIO : 0;
}

void services_learn(void)
{
	FILE *file = fopen("/etc/services", "re");

	if (!file)
		return;
	services_read(file);
	fclose(file);
}

const char *services_name(uint16_t port)
{
	return names && names[port][0] ? names[port] : NULL;
}
