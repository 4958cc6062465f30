// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "raw_read.h"

const char *raw_refusal(const struct raw_header *header)
{
	if (memcmp(header->magic, RAW_MAGIC, sizeof(header->magic)))
		return "it is no record of closetrace";
	if (header->order != RAW_ORDER)
		return "it is of a machine with the other byte order; report it on such a one";
	if (!header->version || header->version > RAW_VERSION)
		return "it was made by a newer closetrace; report it with that";
	if (header->record_size != sizeof(struct record))
		return "its header is damaged, or of a closetrace with other records; report it "
		       "with that";
	return NULL;
}

/* All of it, or nothing at the end of the input: 1, 0; -ENODATA when it ends within. */
static int read_all(struct raw_reader *reader, void *data, size_t size)
{
	size_t got = fread(data, 1, size, reader->in);

	if (got == size)
		return 1;
	if (ferror(reader->in))
		return errno ? -errno : -EIO;
	return got ? -ENODATA : 0;
}

static int take_header(struct raw_reader *reader, const struct raw_header *header)
{
	if (raw_refusal(header))
		return -EPROTO;
	reader->offset += sizeof(*header);
	return 0;
}

int raw_read_header(struct raw_reader *reader, const void *head, size_t size)
{
	struct raw_header header;
	int rc = 1;

	reader->offset = 0;
	if (size > sizeof(header))
		return -EINVAL;
	if (size)
		memcpy(&header, head, size);
	if (size < sizeof(header))
		rc = read_all(reader, (char *)&header + size, sizeof(header) - size);
	if (rc <= 0)
		return rc && rc != -ENODATA ? rc : -EPROTO;
	return take_header(reader, &header);
}

/* A file may be several, put one behind the other: their headers are no frames. */
static int read_head(struct raw_reader *reader, struct raw_frame *frame)
{
	struct raw_header header;
	int rc = read_all(reader, frame, sizeof(*frame));

	while (rc > 0 && !memcmp(frame, RAW_MAGIC, sizeof(header.magic))) {
		memcpy(&header, frame, sizeof(*frame));
		rc = read_all(reader, (char *)&header + sizeof(*frame),
			      sizeof(header) - sizeof(*frame));
		if (rc <= 0)
			return rc ?: -ENODATA;
		rc = take_header(reader, &header) ?: read_all(reader, frame, sizeof(*frame));
	}
	return rc;
}

int raw_read_frame(struct raw_reader *reader)
{
	struct raw_frame frame;
	uLong crc;
	int rc = read_head(reader, &frame);

	if (rc <= 0)
		return rc;
	if (frame.size > sizeof(reader->payload))
		return -EBADMSG;
	rc = frame.size ? read_all(reader, reader->payload, frame.size) : 1;
	if (rc <= 0)
		return rc ?: -ENODATA;
	crc = crc32(0, (const Bytef *)&frame + sizeof(frame.crc),
		    sizeof(frame) - sizeof(frame.crc));
	if (crc32(crc, reader->payload, frame.size) != frame.crc)
		return -EBADMSG;
	reader->type = frame.type;
	reader->size = frame.size;
	reader->offset += sizeof(frame) + frame.size;
	return 1;
}

static int find_end(struct raw_reader *reader)
{
	int rc = raw_read_header(reader, NULL, 0);

	if (rc)
		return rc;
	do
		rc = raw_read_frame(reader);
	while (rc > 0);
	return rc;
}

int raw_resume(int fd)
{
	struct raw_reader *reader = calloc(1, sizeof(*reader));
	int copy = dup(fd), rc = -ENOMEM;

	if (reader && copy >= 0)
		reader->in = fdopen(copy, "r");
	if (reader && reader->in) {
		rc = find_end(reader);
		fclose(reader->in);
	} else if (copy >= 0) {
		close(copy);
	}
	if (!rc || rc == -ENODATA)
		rc = ftruncate(fd, (off_t)reader->offset) ||
		     lseek(fd, (off_t)reader->offset, SEEK_SET) < 0 ? -errno : 0;
	free(reader);
	return rc;
}
