// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "raw_out.h"
#include "raw_read.h"
#include "store_file.h"

static int write_all(int fd, const char *data, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(fd, data + done, size - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

bool raw_out_was_cut(const struct raw_out *out)
{
	struct stat info;

	return out->regular && !fstat(out->fd, &info) && info.st_size < out->kept;
}

int raw_out_flush(struct raw_out *out)
{
	size_t size = out->used;
	int rc;

	out->used = 0;
	/* Behind a hole nobody would find it: it goes with what was there. */
	if (!size || raw_out_was_cut(out))
		return 0;
	rc = write_all(out->fd, out->data, size);
	if (!rc)
		out->kept += (off_t)size;
	else if (out->regular && (ftruncate(out->fd, out->kept) ||
				  lseek(out->fd, out->kept, SEEK_SET) < 0))
		out->regular = false;	/* half a frame stays: nothing can stand behind it */
	return rc;
}

int raw_out_put(struct raw_out *out, enum raw_type type, const void *head, size_t head_size,
		const void *tail, size_t tail_size)
{
	struct raw_frame frame = { .type = type, .size = (uint32_t)(head_size + tail_size) };
	int rc = out->used + sizeof(frame) + frame.size > sizeof(out->data) ?
		 raw_out_flush(out) : 0;
	char *at = out->data + out->used;

	if (rc)
		return rc;
	if (head_size)
		memcpy(at + sizeof(frame), head, head_size);
	if (tail_size)
		memcpy(at + sizeof(frame) + head_size, tail, tail_size);
	memcpy(at, &frame, sizeof(frame));
	frame.crc = (uint32_t)crc32(0, (Bytef *)at + sizeof(frame.crc),
				    (uInt)(sizeof(frame) - sizeof(frame.crc) + frame.size));
	memcpy(at, &frame, sizeof(frame));
	out->used += sizeof(frame) + frame.size;
	return 0;
}

static int put_header(struct raw_out *out)
{
	struct raw_header header = {
		.order = RAW_ORDER,
		.version = RAW_VERSION,
		.record_size = sizeof(struct record),
	};
	struct raw_key key;

	if (getrandom(&key, sizeof(key), 0) != sizeof(key))
		return -EIO;
	memcpy(header.magic, RAW_MAGIC, sizeof(header.magic));
	memcpy(out->data, &header, sizeof(header));
	out->used = sizeof(header);
	return raw_out_put(out, RAW_KEY, &key, sizeof(key), NULL, 0) ?: raw_out_flush(out);
}

/* Where it stands; a pipe stands nowhere. */
static void look(struct raw_out *out)
{
	struct stat info;

	out->regular = !fstat(out->fd, &info) && S_ISREG(info.st_mode);
	out->kept = out->regular ? lseek(out->fd, 0, SEEK_CUR) : 0;
}

/* @fresh: it holds nothing yet. */
static int begin(struct raw_out *out, bool fresh)
{
	int rc = fresh ? 0 : raw_resume(out->fd);

	look(out);
	return rc ?: fresh ? put_header(out) : 0;
}

int raw_out_renew(struct raw_out *out)
{
	struct stat info;

	if (fstat(out->fd, &info) || lseek(out->fd, 0, SEEK_SET) < 0)
		return -errno;
	return begin(out, !info.st_size);
}

int raw_out_open(struct raw_out *out, const char *path, char message[MESSAGE])
{
	int rc = store_file_open(path, message);

	if (rc < 0)
		return rc;
	out->fd = rc;
	rc = begin(out, store_file_is_new(out->fd, path));
	if (rc == -EPROTO || rc == -EBADMSG)
		message_form(message, "'%s' is damaged, or no record that this closetrace can go "
			     "on with; name another with -w", path);
	else if (rc)
		message_form(message, "cannot write '%s': %s", path, strerror(-rc));
	return rc;
}

void raw_out_close(struct raw_out *out)
{
	if (out->fd >= 0)
		close(out->fd);
	out->fd = -1;
}
