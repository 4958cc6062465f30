/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is believed of TCP, answered by scenarios: true when all speak for it, false when none does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <json-c/json.h>

#include "matrix.h"
#include "verify/line.h"

#define PROOFS 6

/*
 * In a scenario the key's words have this text ("!": do not have it; "=": are it). Then that speaks
 * for the claim, or against it; and the other way when they do not.
 */
struct proof {
	const char *scenario;
	const char *key;
	const char *text;
	bool against;
};

static const struct claim {
	const char *text;
	const char *advice;
	struct proof proof[PROOFS];
} claims[] = {
#define FOR(scenario, key, text) { scenario, key, text, false }
#define AGAINST(scenario, key, text) { scenario, key, text, true }
#define CLAIM(text, advice, ...) { text, advice, { __VA_ARGS__ } },
#include "claims.def"
#undef CLAIM
#undef AGAINST
#undef FOR
};

enum answer { ABSENT, YES, NO };

static bool has(const struct json_object *line, const struct proof *proof)
{
	char *words = line_words(line, proof->key);
	const char *text = proof->text;
	bool found;

	if (*text == '=')
		found = !strcmp(words, text + 1);
	else if (*text == '!')
		found = !strstr(words, text + 1);
	else
		found = strstr(words, text);
	free(words);
	return found;
}

/* On each path that ran. */
static enum answer ask(const struct matrix_column *column, const struct proof *proof)
{
	struct json_object *line;
	bool found = true;

	if (!matrix_ran(column->full, proof->scenario))
		return ABSENT;
	for (size_t i = 0; (line = matrix_line(column->full, proof->scenario, i)); i++) {
		if (!line_get(line, "agree"))
			continue;
		/* A kernel without reasons says nothing of what they mean. */
		if (!strcmp(proof->key, "reasons") &&
		    !json_object_array_length(line_get(line, "reasons")))
			return ABSENT;
		found &= has(line, proof);
	}
	return found == proof->against ? NO : YES;
}

/* The kernels with this answer, in brackets, unless all those have it that could answer. */
static void print_kernels(const struct matrix *matrix, const struct proof *proof,
			  enum answer answer)
{
	const char *separator = " (";
	bool all = true;

	for (size_t i = 0; i < matrix->columns; i++)
		all &= ask(&matrix->column[i], proof) == answer;
	for (size_t i = 0; !all && i < matrix->columns; i++) {
		if (ask(&matrix->column[i], proof) != answer)
			continue;
		printf("%s%s", separator, matrix->column[i].label);
		separator = ", ";
	}
	if (!all)
		putchar(')');
}

/* Whether an earlier proof of the claim, by the same scenario, answers the same. */
static bool repeated(const struct matrix *matrix, const struct claim *claim, size_t p)
{
	for (size_t i = 0; i < p; i++) {
		size_t same = 0;

		if (strcmp(claim->proof[i].scenario, claim->proof[p].scenario))
			continue;
		while (same < matrix->columns &&
		       ask(&matrix->column[same], &claim->proof[i]) ==
		       ask(&matrix->column[same], &claim->proof[p]))
			same++;
		if (same == matrix->columns)
			return true;
	}
	return false;
}

/* Those that answer so; whether there are any. */
static bool print_proofs(const struct matrix *matrix, const struct claim *claim,
			 enum answer answer, const char *before)
{
	bool any = false;

	for (size_t p = 0; p < PROOFS && claim->proof[p].scenario; p++) {
		const struct proof *proof = &claim->proof[p];
		bool here = false;

		for (size_t i = 0; i < matrix->columns; i++)
			here |= ask(&matrix->column[i], proof) == answer;
		if (!here || repeated(matrix, claim, p))
			continue;
		printf("%s`%s`", any ? ", " : before, proof->scenario);
		print_kernels(matrix, proof, answer);
		any = true;
	}
	return any;
}

/* A scenario that no kernel has heard of is renamed or misspelt. */
static void check_names(struct matrix *matrix, const struct claim *claim)
{
	for (size_t p = 0; p < PROOFS && claim->proof[p].scenario; p++) {
		bool known = false;

		for (size_t i = 0; i < matrix->columns; i++)
			known |= matrix_line(matrix->column[i].full,
					     claim->proof[p].scenario, 0) != NULL;
		if (known)
			continue;
		fprintf(stderr, "matrix: no scenario '%s'\n", claim->proof[p].scenario);
		matrix->unexplained++;
	}
}

static const char *verdict(const struct matrix *matrix, const struct claim *claim)
{
	bool yes = false, no = false;

	for (size_t p = 0; p < PROOFS && claim->proof[p].scenario; p++) {
		for (size_t i = 0; i < matrix->columns; i++) {
			enum answer answer = ask(&matrix->column[i], &claim->proof[p]);

			yes |= answer == YES;
			no |= answer == NO;
		}
	}
	return yes && no ? "depends" : yes ? "true" : no ? "false" : "?";
}

void claims_print(struct matrix *matrix)
{
	puts("\n## What is believed\n\n"
	     "An answer is what the scenarios beside it showed, on the kernels in brackets or on\n"
	     "all of them.\n\n"
	     "| claim | answer | decided by | in application code |\n| --- | --- | --- | --- |");
	for (size_t i = 0; i < sizeof(claims) / sizeof(*claims); i++) {
		const struct claim *claim = &claims[i];
		const char *answer = verdict(matrix, claim);
		bool yes;

		check_names(matrix, claim);
		printf("| %s | **%s** |", claim->text, answer);
		yes = print_proofs(matrix, claim, YES, " yes: ");
		print_proofs(matrix, claim, NO, yes ? "<br>no: " : " no: ");
		printf(" | %s |\n", claim->advice);
	}
}
