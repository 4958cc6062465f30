/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * matrix: prints docs/kernel-matrix.md from files of closetrace verify -o json.
 *
 * matrix KERNEL-full.json KERNEL-base.json [...]; the newest kernel last: it is what the others are
 * compared with. Status 1: something differs and nobody has explained it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "matrix.h"
#include "verify/against.h"
#include "verify/line.h"

struct json_object *matrix_line(struct json_object *lines, const char *scenario, size_t i)
{
	for (size_t at = 0; at < json_object_array_length(lines); at++) {
		struct json_object *line = json_object_array_get_idx(lines, at);

		if (line_says(line, "scenario", scenario) && i-- == 0)
			return line;
	}
	return NULL;
}

bool matrix_ran(struct json_object *lines, const char *scenario)
{
	struct json_object *line;

	for (size_t i = 0; (line = matrix_line(lines, scenario, i)); i++) {
		if (line_get(line, "agree"))
			return true;
	}
	return false;
}

void matrix_print(const char *text)
{
	for (; *text; text++)
		printf("%s%c", *text == '|' ? "\\" : "", *text);
}

/* The first line of a file. */
static struct json_object *read_start(const char *path)
{
	struct json_object *start;
	FILE *file = fopen(path, "re");
	char text[4096];

	if (!file || !fgets(text, sizeof(text), file))
		*text = '\0';
	if (file)
		fclose(file);
	start = json_tokener_parse(text);
	return start;
}

static struct json_object *read_lines(const char *path)
{
	char message[256];
	struct json_object *lines = against_load(path, message);

	if (!lines)
		fprintf(stderr, "matrix: %s: %s\n", path, message);
	return lines;
}

/* "…/6.1-full.json" is of 6.1. */
static bool read_column(struct matrix_column *column, const char *full, const char *base)
{
	const char *name = strrchr(full, '/') ? strrchr(full, '/') + 1 : full;

	snprintf(column->label, sizeof(column->label), "%.*s", (int)strcspn(name, "-"), name);
	column->full = read_lines(full);
	column->base = read_lines(base);
	column->start = column->full ? read_start(full) : NULL;
	return column->full && column->base && column->start;
}

static void release(struct matrix *matrix)
{
	for (size_t i = 0; i < matrix->columns; i++) {
		json_object_put(matrix->column[i].full);
		json_object_put(matrix->column[i].base);
		json_object_put(matrix->column[i].start);
	}
	free(matrix->column);
}

static void print_kernels(const struct matrix *matrix)
{
	puts("# How each kernel ends a connection\n\n"
	     "Made by `make matrix`: each close path is performed for real in each of these\n"
	     "kernels, over IPv4 and IPv6, on loopback and across a veth pair, by `closetrace\n"
	     "verify`, which compares what closetrace said with the wire, the kernel's counters\n"
	     "and the errors of the application. Explanations and advice are written by hand.\n"
	     "\n| column | kernel |\n| --- | --- |");
	for (size_t i = 0; i < matrix->columns; i++)
		printf("| %s | %s |\n", matrix->column[i].label,
		       line_text(matrix->column[i].start, "kernel"));
}

int main(int argc, char **argv)
{
	struct matrix matrix = { .columns = (size_t)(argc - 1) / 2 };
	bool good = argc > 2 && argc % 2;

	if (!good) {
		fprintf(stderr, "usage: matrix KERNEL-full.json KERNEL-base.json [...]\n");
		return 2;
	}
	matrix.column = calloc(matrix.columns, sizeof(*matrix.column));
	if (!matrix.column)
		return 5;
	for (size_t i = 0; i < matrix.columns; i++)
		good &= read_column(&matrix.column[i], argv[1 + 2 * i], argv[2 + 2 * i]);
	if (good) {
		print_kernels(&matrix);
		claims_print(&matrix);
		scenarios_print(&matrix);
	}
	release(&matrix);
	if (!good || fflush(stdout))
		return 5;
	return matrix.unexplained > 0;
}
