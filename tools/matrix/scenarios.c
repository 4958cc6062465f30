/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A row a scenario, a column a kernel: whether it does as the newest one, and if not, why.
 */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "matrix.h"
#include "verify/line.h"

#define NOTES 128
#define NOTE 1536

/* What a difference comes from, for whoever reads the table. */
static const struct {
	const char *scenario;
	const char *text;
} explanations[] = {
#define DIFFERENCE(scenario, text) { scenario, text },
#include "differences.def"
#undef DIFFERENCE
};

/* The notes below the table, each once. */
struct notes {
	char text[NOTES][NOTE];
	size_t count;
};

static size_t note_number(struct notes *notes, const char *text)
{
	for (size_t i = 0; i < notes->count; i++) {
		if (!strcmp(notes->text[i], text))
			return i + 1;
	}
	if (notes->count == NOTES) {
		fprintf(stderr, "matrix: more than %d notes\n", NOTES);
		abort();
	}
	snprintf(notes->text[notes->count], NOTE, "%s", text);
	return ++notes->count;
}

static const char *explanation(const char *scenario)
{
	for (size_t i = 0; i < sizeof(explanations) / sizeof(*explanations); i++) {
		if (!fnmatch(explanations[i].scenario, scenario, 0))
			return explanations[i].text;
	}
	return NULL;
}

static void mark(const char *sign, struct notes *notes, const char *text)
{
	printf("%s[^%zu]", sign, note_number(notes, text));
}

/* The line of the same scenario, family and path; NULL: there is none. */
static struct json_object *twin(struct json_object *lines, const struct json_object *line)
{
	struct json_object *one;

	for (size_t i = 0; (one = matrix_line(lines, line_text(line, "scenario"), i)); i++) {
		if (line_says(one, "family", line_text(line, "family")) &&
		    line_says(one, "path", line_text(line, "path")))
			return one;
	}
	return NULL;
}

/* Whether the kernel did the same, on each path; what closetrace said of it is not compared. */
static bool same(struct json_object *lines, struct json_object *others, const char *scenario)
{
	static const char *const keys[] = { "wire", "counters", "errno", "failed" };
	struct json_object *line;

	for (size_t i = 0; (line = matrix_line(lines, scenario, i)); i++) {
		const struct json_object *other = twin(others, line);

		if (!line_get(line, "agree") || !other || !line_get(other, "agree"))
			continue;
		for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
			if (!json_object_equal(line_get(line, keys[k]), line_get(other, keys[k])))
				return false;
		}
	}
	return true;
}

/* What a key says on the first path, and on the others where that is something else. */
static void print_words(struct json_object *lines, const char *scenario, const char *before,
			const char *key)
{
	const struct json_object *line, *first = NULL;

	fputs(before, stdout);
	for (size_t i = 0; (line = matrix_line(lines, scenario, i)); i++) {
		char *words;

		if (!line_get(line, "agree") ||
		    (first && json_object_equal(line_get(line, key), line_get(first, key))))
			continue;
		if (first)
			printf("; %s%s: ", line_text(line, "family"),
			       line_says(line, "path", "veth") ? "-veth" : "");
		words = line_words(line, key);
		matrix_print(words);
		free(words);
		first = first ?: line;
	}
}

/* The first line that ran; of one that disagrees, that one; NULL: it was left out. */
static struct json_object *typical(struct json_object *lines, const char *scenario)
{
	struct json_object *line, *found = NULL;

	for (size_t i = 0; (line = matrix_line(lines, scenario, i)); i++) {
		struct json_object *agree = line_get(line, "agree");

		if (agree && !json_object_get_boolean(agree))
			return line;
		if (agree && !found)
			found = line;
	}
	return found;
}

/* A disagreement, or a difference without an explanation, is nothing to publish. */
static void mark_unexplained(struct matrix *matrix, struct notes *notes, const char *label,
			     const char *scenario, const char *what)
{
	char text[NOTE];

	snprintf(text, sizeof(text), "**Unexplained:** %s on %s: %s", scenario, label, what);
	fprintf(stderr, "matrix: %s on %s: %s\n", scenario, label, what);
	mark("!", notes, text);
	matrix->unexplained++;
}

static void mark_difference(struct matrix *matrix, struct notes *notes, const char *label,
			    const struct json_object *line, const char *scenario)
{
	const char *why = explanation(scenario);
	char text[NOTE / 2];
	char *wire = line_words(line, "wire"), *errors = line_words(line, "errno");

	snprintf(text, sizeof(text), "wire: %s; errno: %s. %s", wire, errors, why ?: "");
	if (why)
		mark("≠", notes, text);
	else
		mark_unexplained(matrix, notes, label, scenario, text);
	free(wire);
	free(errors);
}

static void mark_left_out(struct notes *notes, struct json_object *lines, const char *scenario,
			  const char *sign, const char *before)
{
	const struct json_object *line = matrix_line(lines, scenario, 0);
	const char *why = explanation(scenario);
	char text[NOTE];

	/* The reason in short is for whoever runs verify. */
	if (!why)
		why = line ? line_text(line, "note") : "was not asked for";
	snprintf(text, sizeof(text), "%s%s", before, why);
	mark(sign, notes, text);
}

/* What the base tier does not tell of it. */
static void print_base(struct matrix *matrix, struct notes *notes,
		       const struct matrix_column *column, const char *scenario)
{
	const struct json_object *line = typical(column->base, scenario);
	const char *note = line ? line_text(line, "note") : NULL;
	char text[NOTE];

	if (!line) {
		mark_left_out(notes, column->base, scenario, "", "base tier: ");
	} else if (!json_object_get_boolean(line_get(line, "agree"))) {
		mark_unexplained(matrix, notes, column->label, scenario, note ?: "it disagrees");
	} else if (!same(column->base, column->full, scenario)) {
		mark_unexplained(matrix, notes, column->label, scenario,
				 "the two tiers saw different things");
	} else if (note) {
		snprintf(text, sizeof(text), "base tier: %s", note);
		mark("", notes, text);
	}
}

static void print_cell(struct matrix *matrix, struct notes *notes,
		       const struct matrix_column *column, struct json_object *want,
		       const char *scenario)
{
	const struct json_object *line = typical(column->full, scenario);
	char text[NOTE];

	fputs(" ", stdout);
	if (!line) {
		mark_left_out(notes, column->full, scenario, "–", "");
	} else if (!json_object_get_boolean(line_get(line, "agree"))) {
		mark_unexplained(matrix, notes, column->label, scenario,
				 line_text(line, "note") ?: "it disagrees");
	} else {
		if (same(column->full, want, scenario))
			fputs("=", stdout);
		else
			mark_difference(matrix, notes, column->label, line, scenario);
		if (line_text(line, "note")) {
			snprintf(text, sizeof(text), "full tier: %s", line_text(line, "note"));
			mark("", notes, text);
		}
		print_base(matrix, notes, column, scenario);
	}
	fputs(" |", stdout);
}

/* The lines of the newest kernel that ran it. */
static struct json_object *reference(const struct matrix *matrix, const char *scenario)
{
	for (size_t i = matrix->columns; i-- > 0;) {
		if (matrix_ran(matrix->column[i].full, scenario))
			return matrix->column[i].full;
	}
	return NULL;
}

static void print_row(struct matrix *matrix, struct notes *notes, const struct json_object *first)
{
	const char *scenario = line_text(first, "scenario");
	struct json_object *lines = reference(matrix, scenario);

	printf("| `%s`: ", scenario);
	matrix_print(line_text(first, "summary"));
	fputs(" |", stdout);
	if (!lines) {
		fputs(" no kernel here can show it |", stdout);
	} else {
		print_words(lines, scenario, " ", "said");
		print_words(lines, scenario, "<br>wire: ", "wire");
		print_words(lines, scenario, "<br>counted: ", "counters");
		print_words(lines, scenario, "<br>errno: ", "errno");
		fputs(" |", stdout);
	}
	for (size_t i = 0; i < matrix->columns; i++)
		print_cell(matrix, notes, &matrix->column[i], lines, scenario);
	putchar('\n');
}

void scenarios_print(struct matrix *matrix)
{
	struct json_object *lines = matrix->column[matrix->columns - 1].full;
	struct notes *notes = calloc(1, sizeof(*notes));
	const char *before = "";

	if (!notes)
		abort();
	puts("\n## Scenarios\n\n"
	     "What happens is told of the newest kernel that shows it. `=`: this kernel does the\n"
	     "same, on each path, and closetrace says so in both tiers. `–`: it cannot show it.\n"
	     "`≠`: it does something else. `FIN>` and `RST>` were sent, `<RST` was received.\n");
	fputs("| scenario | what happens |", stdout);
	for (size_t i = 0; i < matrix->columns; i++)
		printf(" %s |", matrix->column[i].label);
	fputs("\n| --- | --- |", stdout);
	for (size_t i = 0; i < matrix->columns; i++)
		fputs(" --- |", stdout);
	putchar('\n');
	for (size_t i = 0; i < json_object_array_length(lines); i++) {
		const struct json_object *line = json_object_array_get_idx(lines, i);

		if (strcmp(line_text(line, "scenario"), before))
			print_row(matrix, notes, line);
		before = line_text(line, "scenario");
	}
	putchar('\n');
	for (size_t i = 0; i < notes->count; i++)
		printf("[^%zu]: %s\n", i + 1, notes->text[i]);
	free(notes);
}
