/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keys: TCP MD5 signatures (RFC 2385), TCP-AO (RFC 5925), kTLS.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/tls.h>
#include <netinet/tcp.h>

#include "lab.h"

#ifndef TCP_AO_ADD_KEY
#define TCP_AO_ADD_KEY 38
#endif

/* struct tcp_ao_add of linux/tcp.h, Linux 6.7. */
struct ao_add {
	struct sockaddr_storage addr;	/* the peer's */
	char algorithm[64];
	int32_t ifindex;
	uint32_t set;		/* bit 0: for what is sent, bit 1: expected of the peer */
	uint16_t reserved;
	uint8_t prefix;		/* of the address, bits */
	uint8_t send_id;
	uint8_t receive_id;
	uint8_t mac_len;	/* bytes; 0: the default */
	uint8_t flags;
	uint8_t key_len;
	uint8_t key[80];
} __attribute__((aligned(8)));

void lab_md5(struct lab *lab, enum lab_who who, const char *key)
{
	struct tcp_md5sig md5 = { .tcpm_keylen = (uint16_t)strlen(key) };
	struct sockaddr_storage addr;

	lab_socket(lab, who);
	lab_end_address(lab, lab_other_end(lab_end_of(who)), 0, &addr);
	memcpy(&md5.tcpm_addr, &addr, sizeof(addr));
	memcpy(md5.tcpm_key, key, md5.tcpm_keylen);
	if (lab_step(lab, "%s TCP_MD5SIG \"%s\"", lab_who_name(who), key) &&
	    setsockopt(lab->fd[who], IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof(md5)) < 0)
		lab_fail(lab, errno);
}

void lab_ao(struct lab *lab, enum lab_who who, const char *key)
{
	struct ao_add add = {
		.algorithm = "hmac(sha1)", .send_id = 100, .receive_id = 100,
		.prefix = lab->family == AF_INET6 ? 128 : 32,
		.key_len = (uint8_t)strlen(key),
	};

	lab_socket(lab, who);
	lab_end_address(lab, lab_other_end(lab_end_of(who)), 0, &add.addr);
	memcpy(add.key, key, add.key_len);
	if (lab_step(lab, "%s TCP-AO key \"%s\"", lab_who_name(who), key) &&
	    setsockopt(lab->fd[who], IPPROTO_TCP, TCP_AO_ADD_KEY, &add, sizeof(add)) < 0)
		lab_fail(lab, errno);
}

/* The same for all: nobody else listens. */
void lab_tls(struct lab *lab, enum lab_who who, int direction)
{
	const struct tls12_crypto_info_aes_gcm_128 keys = {
		.info = {
			.version = TLS_1_2_VERSION, .cipher_type = TLS_CIPHER_AES_GCM_128,
		},
		.iv = "iv", .key = "closelab", .salt = "s",
	};

	lab_ulp(lab, who, "tls");
	if (lab_step(lab, "%s %s", lab_who_name(who), direction == TLS_TX ? "TLS_TX" : "TLS_RX") &&
	    setsockopt(lab->fd[who], SOL_TLS, direction, &keys, sizeof(keys)) < 0)
		lab_fail(lab, errno);
}
