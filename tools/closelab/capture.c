/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An AF_PACKET ring on lo, or on each end of a veth pair, for what comes in: lo shows each packet
 * twice, as it leaves and as it comes back, and what leaves one end of a pair may be lost. Hence
 * PACKET_IGNORE_OUTGOING (Linux 4.20). A ring, because it copies heads only: queued packets of
 * 64 KiB each would overrun the socket's buffer.
 *
 * Sequence numbers that must be right: RST|ACK continues where its sender stopped, or is 0 when it
 * never sent anything (an answer to a SYN); RST alone takes the number from the segment's ACK.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "capture.h"
#include "netns.h"

#define FRAME_SIZE 256u
#define FRAMES 4096u
#define BLOCK_SIZE 65536u
#define RING_SIZE (FRAME_SIZE * FRAMES)

static int ring_open(struct capture_ring *ring, const struct path *path, enum lab_end end,
		     bool incoming)
{
	const struct tpacket_req request = {
		.tp_block_size = BLOCK_SIZE,
		.tp_block_nr = RING_SIZE / BLOCK_SIZE,
		.tp_frame_size = FRAME_SIZE,
		.tp_frame_nr = FRAMES,
	};
	const int version = TPACKET_V2, ignore = incoming;
	struct sockaddr_ll device = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int fd = path_socket(path, end, AF_PACKET, SOCK_DGRAM, 0);

	if (fd < 0)
		return fd;
	ring->fd = fd;
	device.sll_ifindex = netns_ifindex(fd, path_device(path));
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &ignore, sizeof(ignore)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof(request)) < 0)
		return -errno;
	ring->frames = mmap(NULL, RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring->frames == MAP_FAILED) {
		ring->frames = NULL;
		return -errno;
	}
	/* Nothing is received before bind(): the socket was opened with protocol 0. */
	return bind(fd, (struct sockaddr *)&device, sizeof(device)) < 0 ? -errno : 0;
}

int capture_open(struct capture *capture, const struct path *path, bool leaves)
{
	int rc;

	memset(capture, 0, sizeof(*capture));
	for (int i = 0; i < LAB_END_COUNT; i++)
		capture->ring[i].fd = -1;
	rc = ring_open(&capture->ring[LAB_END_CLIENT], path, LAB_END_CLIENT, !leaves);
	if (!rc && path->veth && !leaves)
		rc = ring_open(&capture->ring[LAB_END_SERVER], path, LAB_END_SERVER, true);
	if (rc < 0)
		capture_close(capture);
	return rc;
}

static struct capture_flow *flow_find(struct capture *capture, uint16_t sport, uint16_t dport)
{
	for (unsigned int i = 0; i < capture->flows; i++) {
		struct capture_flow *flow = &capture->flow[i];

		if (flow->sport == sport && flow->dport == dport)
			return flow;
	}
	return NULL;
}

static struct capture_flow *flow_get(struct capture *capture, const struct capture_packet *packet)
{
	struct capture_flow *flow = flow_find(capture, packet->sport, packet->dport);

	if (flow)
		return flow;
	if (capture->flows == CAPTURE_FLOWS) {
		capture->lost++;
		return NULL;
	}
	flow = &capture->flow[capture->flows++];
	flow->sport = packet->sport;
	flow->dport = packet->dport;
	return flow;
}

static void flow_advance(struct capture_flow *flow, const struct capture_packet *packet)
{
	uint32_t end = packet->seq + packet->len;

	if (packet->flags & TH_RST)
		return;
	end += !!(packet->flags & TH_SYN) + !!(packet->flags & TH_FIN);
	if (!flow->sent || (int32_t)(end - flow->next) > 0)
		flow->next = end;
	if (packet->flags & TH_ACK)
		flow->ack = packet->ack;
	flow->sent = true;
}

/* A FIN that ends where an earlier one did is the same, whatever data it carries this time. */
static bool fin_again(const struct capture *capture, const struct capture_packet *packet)
{
	for (unsigned int i = 0; i < capture->count; i++) {
		const struct capture_packet *old = &capture->packet[i];

		if (old->flags & packet->flags & TH_FIN && old->sport == packet->sport &&
		    old->dport == packet->dport && old->seq + old->len == packet->seq + packet->len)
			return true;
	}
	return false;
}

static void keep(struct capture *capture, struct capture_packet *packet)
{
	struct capture_flow *flow = flow_get(capture, packet);

	if (flow)
		flow_advance(flow, packet);
	if (!(packet->flags & (TH_FIN | TH_RST)))
		return;
	packet->again = fin_again(capture, packet);
	if (capture->count == CAPTURE_PACKETS)
		capture->lost++;
	else
		capture->packet[capture->count++] = *packet;
}

static void take_tcp(struct capture *capture, uint64_t time_ns, const uint8_t *data, size_t seen,
		     size_t whole)
{
	struct capture_packet packet = { .time_ns = time_ns };
	struct tcphdr tcp;

	if (seen < sizeof(tcp))
		return;
	memcpy(&tcp, data, sizeof(tcp));
	packet.sport = ntohs(tcp.th_sport);
	packet.dport = ntohs(tcp.th_dport);
	packet.flags = tcp.th_flags;
	packet.seq = ntohl(tcp.th_seq);
	packet.ack = ntohl(tcp.th_ack);
	packet.len = (uint32_t)(whole - tcp.th_off * 4u);
	keep(capture, &packet);
}

/* From the network header on; neither fragments nor extension headers of note are to be seen. */
static void take(struct capture *capture, uint64_t time_ns, const uint8_t *data, size_t seen,
		 uint16_t protocol)
{
	struct ip6_hdr ip6;
	struct iphdr ip;
	size_t head;

	if (protocol == ETH_P_IPV6 && seen >= sizeof(ip6)) {
		memcpy(&ip6, data, sizeof(ip6));
		if (ip6.ip6_nxt == IPPROTO_TCP)
			take_tcp(capture, time_ns, data + sizeof(ip6), seen - sizeof(ip6),
				 ntohs(ip6.ip6_plen));
	} else if (protocol == ETH_P_IP && seen >= sizeof(ip)) {
		memcpy(&ip, data, sizeof(ip));
		head = ip.ihl * 4u;
		if (ip.protocol == IPPROTO_TCP && seen >= head)
			take_tcp(capture, time_ns, data + head, seen - head,
				 ntohs(ip.tot_len) - head);
	}
}

static bool ring_read(struct capture *capture, struct capture_ring *ring)
{
	bool any = false;

	for (;;) {
		uint8_t *frame = (uint8_t *)ring->frames + (size_t)ring->at * FRAME_SIZE;
		struct tpacket2_hdr *head = (struct tpacket2_hdr *)frame;
		struct sockaddr_ll *from = (struct sockaddr_ll *)(frame +
						TPACKET_ALIGN(sizeof(*head)));
		size_t skip = (size_t)head->tp_net - head->tp_mac;

		if (!(__atomic_load_n(&head->tp_status, __ATOMIC_ACQUIRE) & TP_STATUS_USER))
			return any;
		if (head->tp_snaplen > skip)
			take(capture, head->tp_sec * 1000000000ull + head->tp_nsec,
			     frame + head->tp_net, head->tp_snaplen - skip,
			     ntohs(from->sll_protocol));
		__atomic_store_n(&head->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		ring->at = (ring->at + 1) % FRAMES;
		any = true;
	}
}

bool capture_read(struct capture *capture, int timeout_ms)
{
	struct pollfd poller[LAB_END_COUNT];
	bool any = false;

	for (int i = 0; i < LAB_END_COUNT; i++)
		poller[i] = (struct pollfd){ .fd = capture->ring[i].fd, .events = POLLIN };
	poll(poller, LAB_END_COUNT, timeout_ms);
	for (int i = 0; i < LAB_END_COUNT; i++) {
		if (poller[i].fd >= 0)
			any |= ring_read(capture, &capture->ring[i]);
	}
	return any;
}

static bool seq_right(struct capture *capture, const struct capture_packet *packet)
{
	const struct capture_flow *own = flow_find(capture, packet->sport, packet->dport);
	const struct capture_flow *other = flow_find(capture, packet->dport, packet->sport);

	if (packet->flags & TH_FIN)
		return true;
	if (!(packet->flags & TH_ACK))
		return other && packet->seq == other->ack;
	if (own && own->sent)
		return packet->seq == own->next;
	return other && packet->seq == 0 && packet->ack == other->next;
}

static int by_time(const void *a, const void *b)
{
	const struct capture_packet *one = a, *other = b;

	return one->time_ns < other->time_ns ? -1 : one->time_ns > other->time_ns;
}

static void ring_close(struct capture *capture, struct capture_ring *ring)
{
	struct tpacket_stats stats = { 0 };
	socklen_t len = sizeof(stats);

	if (ring->fd >= 0 &&
	    !getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len))
		capture->lost += stats.tp_drops;
	if (ring->frames)
		munmap(ring->frames, RING_SIZE);
	if (ring->fd >= 0)
		close(ring->fd);
	ring->frames = NULL;
	ring->fd = -1;
}

void capture_close(struct capture *capture)
{
	for (unsigned int i = 0; i < capture->count; i++)
		capture->packet[i].seq_right = seq_right(capture, &capture->packet[i]);
	qsort(capture->packet, capture->count, sizeof(*capture->packet), by_time);
	for (int i = 0; i < LAB_END_COUNT; i++)
		ring_close(capture, &capture->ring[i]);
}
