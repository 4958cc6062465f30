// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <json-c/json.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "churn.h"
#include "results.h"

enum verdict { NOT_MEASURED, MET, MISSED };

static const char *const verdicts[] = { "not measured", "met", "missed" };

struct machine {
	struct utsname name;
	char cpu[128];
	char date[32];
	double memory_gib;
};

static void read_cpu(char *cpu, size_t room)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[256];

	snprintf(cpu, room, "unknown CPU");
	while (file && fgets(line, sizeof(line), file)) {
		char *colon = strchr(line, ':');

		if (strncmp(line, "model name", 10) || !colon)
			continue;
		colon[strcspn(colon, "\n")] = '\0';
		snprintf(cpu, room, "%s", colon + 2);
		break;
	}
	if (file)
		fclose(file);
}

static void read_machine(struct machine *machine)
{
	time_t now = time(NULL);

	uname(&machine->name);
	read_cpu(machine->cpu, sizeof(machine->cpu));
	strftime(machine->date, sizeof(machine->date), "%F", gmtime(&now));
	machine->memory_gib = (double)sysconf(_SC_PHYS_PAGES) *
			      (double)sysconf(_SC_PAGESIZE) / (1 << 30);
}

/* What must be 0 is judged by its worst value, all else by its median. */
static double judged(const struct figure *figure, const struct series *series)
{
	return figure->limit ? series_median(series) : series_high(series);
}

static enum verdict judge(const struct figure *figure, const struct results *results,
			  double *value)
{
	const struct series *series = results_find(results, figure->section, figure->what,
						   figure->way, figure->subject);

	if (!series)
		return NOT_MEASURED;
	*value = judged(figure, series);
	return (figure->least ? *value >= figure->limit : *value <= figure->limit) ? MET : MISSED;
}

static int digits(double value)
{
	if (value >= 100 || value == 0)
		return 0;
	return value >= 10 ? 1 : 2;
}

static void print_cell(const struct series *series, FILE *out)
{
	char text[64] = "-";
	double median;

	if (series) {
		median = series_median(series);
		snprintf(text, sizeof(text), "%.*f (%.*f..%.*f)", digits(median), median,
			 digits(median), series_low(series), digits(median), series_high(series));
	}
	fprintf(out, " %24s", text);
}

static bool same_table(const struct result *a, const struct result *b)
{
	return !strcmp(a->section, b->section) && !strcmp(a->what, b->what);
}

static void print_row(const struct results *results, const struct result *row, FILE *out)
{
	fprintf(out, "  %-16s", row->subject);
	if (!row->way)
		print_cell(&row->series, out);
	for (int way = 0; row->way && way < CHURN_WAYS; way++)
		print_cell(results_find(results, row->section, row->what, churn_name(way),
					row->subject), out);
	fputc('\n', out);
}

/* All that was measured of one thing: a row a subject, a column a way. */
static void print_table(const struct results *results, const struct result *first, FILE *out)
{
	fprintf(out, "\n%s, %s%s%s\n", first->section, first->what, *first->unit ? ", " : "",
		first->unit);
	if (first->way) {
		fprintf(out, "  %-16s", "");
		for (int way = 0; way < CHURN_WAYS; way++)
			fprintf(out, " %24s", churn_name(way));
		fputc('\n', out);
	}
	for (size_t i = 0; i < results->count; i++) {
		const struct result *row = &results->list[i];
		size_t j = 0;

		while (j < i && !(same_table(&results->list[j], row) &&
				  !strcmp(results->list[j].subject, row->subject)))
			j++;
		if (j == i && same_table(row, first))
			print_row(results, row, out);
	}
}

static void print_tables(const struct results *results, FILE *out)
{
	for (size_t i = 0; i < results->count; i++) {
		size_t j = 0;

		while (j < i && !same_table(&results->list[j], &results->list[i]))
			j++;
		if (j == i)
			print_table(results, &results->list[i], out);
	}
}

static void print_figures(const struct results *results, FILE *out)
{
	fprintf(out, "\nFigures to reach\n");
	for (size_t i = 0; i < figure_count; i++) {
		const struct figure *figure = &figures[i];
		double value = 0;
		enum verdict verdict = judge(figure, results, &value);
		char text[32] = "";

		if (verdict != NOT_MEASURED)
			snprintf(text, sizeof(text), "%.*f", digits(value), value);
		fprintf(out, "  %-42s %s %6g  %8s  %s\n", figure->name,
			figure->least ? ">=" : "<=", figure->limit, text, verdicts[verdict]);
	}
}

void report_text(const struct plan *plan, const struct churn *churn, const struct results *results,
		 FILE *out)
{
	struct machine machine;

	read_machine(&machine);
	fprintf(out, "%s, Linux %s %s, %s, %.0f GiB; %u threads of churn, one pinned to each CPU; "
		"median (lowest..highest) of %u rounds of %g s\n", machine.date,
		machine.name.release, machine.name.machine, machine.cpu, machine.memory_gib,
		churn_threads(churn), plan->rounds, plan->seconds);
	fprintf(out, "at its start: load %.1f, %u tracing programs of others attached\n",
		plan->load, plan->strangers);
	print_tables(results, out);
	print_figures(results, out);
	for (size_t i = 0; i < results->notes; i++)
		fprintf(out, "%s  %s\n", i ? "" : "\nNot measured\n", results->note[i]);
}

static void put(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

static void put_number(struct json_object *object, const char *key, double value)
{
	json_object_object_add(object, key, json_object_new_double(value));
}

static struct json_object *json_machine(const struct plan *plan, const struct churn *churn)
{
	struct json_object *object = json_object_new_object();
	struct machine machine;

	read_machine(&machine);
	put(object, "date", machine.date);
	put(object, "kernel", machine.name.release);
	put(object, "machine", machine.name.machine);
	put(object, "cpu", machine.cpu);
	put_number(object, "memory_gib", machine.memory_gib);
	put_number(object, "threads", churn_threads(churn));
	put_number(object, "rounds", plan->rounds);
	put_number(object, "seconds", plan->seconds);
	put_number(object, "load", plan->load);
	put_number(object, "strangers", plan->strangers);
	return object;
}

static struct json_object *json_results(const struct results *results)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < results->count; i++) {
		const struct result *result = &results->list[i];
		struct json_object *object = json_object_new_object();

		put(object, "section", result->section);
		put(object, "what", result->what);
		put(object, "way", result->way);
		put(object, "subject", result->subject);
		put(object, "unit", result->unit);
		put_number(object, "median", series_median(&result->series));
		put_number(object, "low", series_low(&result->series));
		put_number(object, "high", series_high(&result->series));
		json_object_array_add(list, object);
	}
	return list;
}

static struct json_object *json_figures(const struct results *results)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < figure_count; i++) {
		struct json_object *object = json_object_new_object();
		double value = 0;
		enum verdict verdict = judge(&figures[i], results, &value);

		put(object, "name", figures[i].name);
		put_number(object, figures[i].least ? "at_least" : "at_most", figures[i].limit);
		if (verdict != NOT_MEASURED)
			put_number(object, "value", value);
		put(object, "verdict", verdicts[verdict]);
		json_object_array_add(list, object);
	}
	return list;
}

void report_json(const struct plan *plan, const struct churn *churn, const struct results *results,
		 FILE *out)
{
	struct json_object *object = json_machine(plan, churn), *notes = json_object_new_array();

	for (size_t i = 0; i < results->notes; i++)
		json_object_array_add(notes, json_object_new_string(results->note[i]));
	json_object_object_add(object, "results", json_results(results));
	json_object_object_add(object, "figures", json_figures(results));
	json_object_object_add(object, "not_measured", notes);
	fprintf(out, "%s\n", json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_SPACED));
	json_object_put(object);
}
