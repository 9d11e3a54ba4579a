// SPDX-License-Identifier: GPL-2.0-only
/*
 * Limits on pinned bytes. A region is charged before memory is looked for, so
 * that a refusal costs nothing and nobody can take, even for a moment, what he
 * may not have.
 *
 * No lock. Each counter grows only in a compare-and-exchange that saw room, so
 * none ever exceeds its limit. A region has up to four counters, charged from
 * the narrowest to the widest; where one refuses, those before it are taken
 * back. Until then another thread may be refused because of a charge that came
 * to nothing: one of the same user, as a rule, for counters that users share
 * come last; one of another only where a contiguous range met the last limit.
 *
 * No message: a refusal is a limit at work, which any process can repeat at
 * will. Who is refused is told which limit it was, who sets limits reads the
 * counts, and there is a tracepoint.
 */
#include <linux/minmax.h>

#include "client.h"
#include "compat.h"
#include "mem/charge.h"
#include "trace.h"

struct qae_limit_state qae_limits[__QAE_LIMIT_COUNT] = {
	[QAE_LIMIT_CLIENT] = { .most = ATOMIC64_INIT(QAE_UNLIMITED) },
	[QAE_LIMIT_USER] = { .most = ATOMIC64_INIT(QAE_UNLIMITED) },
	[QAE_LIMIT_CONTIG] = { .most = ATOMIC64_INIT(QAE_LIMIT_CONTIG_DEFAULT) },
	[QAE_LIMIT_ALL] = { .most = ATOMIC64_INIT(QAE_UNLIMITED) },
};
EXPORT_SYMBOL_IF_KUNIT(qae_limits);

/**
 * struct counter - one counter that a region is charged to
 * @limit: which limit it is held against
 * @bytes: charged now
 * @peak: highest that was pinned
 */
struct counter {
	enum qae_limit limit;
	atomic64_t *bytes;
	atomic64_t *peak;
};

#define MAX_COUNTERS	4

/* In the order of charging. Returns how many there are. */
static unsigned int counters_of(struct qae_client *client, u64 bytes,
				struct counter counters[MAX_COUNTERS])
{
	struct qae_account *all = &qae_account;
	unsigned int n = 0;

	if (client) {
		counters[n++] = (struct counter){ QAE_LIMIT_CLIENT, &client->bytes,
						  &client->bytes_peak };
		counters[n++] = (struct counter){ QAE_LIMIT_USER, &client->user->bytes,
						  &client->user->bytes_peak };
	}
	if (bytes > QAE_CONTIG_ABOVE)
		counters[n++] = (struct counter){ QAE_LIMIT_CONTIG, &all->contig_bytes,
						  &all->contig_peak };
	counters[n++] = (struct counter){ QAE_LIMIT_ALL, &all->bytes, &all->bytes_peak };
	return n;
}

/* Sums are signed: what would not fit is beyond any limit. */
static bool try_add(const struct counter *counter, u64 bytes, struct qae_refusal *refusal)
{
	u64 most = min_t(u64, atomic64_read(&qae_limits[counter->limit].most), S64_MAX);
	s64 seen = atomic64_read(counter->bytes);

	do {
		if (bytes > most || (u64)seen > most - bytes) {
			*refusal = (struct qae_refusal){ counter->limit, most, seen };
			return false;
		}
	} while (!atomic64_try_cmpxchg(counter->bytes, &seen, seen + bytes));
	return true;
}

/**
 * qae_limit_charge() - may a region of this size be? If so it counts from now on
 * @client: whose it will be, or NULL for the kernel
 * @bytes: its size
 * @refusal: set; QAE_LIMIT_NONE if none refuses
 *
 * Context: any.
 * Return: 0, or -EDQUOT and nothing has changed but the counts of refusals.
 */
int qae_limit_charge(struct qae_client *client, u64 bytes, struct qae_refusal *refusal)
{
	struct counter counters[MAX_COUNTERS];
	unsigned int n = counters_of(client, bytes, counters);
	unsigned int i;

	*refusal = (struct qae_refusal){ QAE_LIMIT_NONE };
	for (i = 0; i < n; i++)
		if (!try_add(&counters[i], bytes, refusal))
			break;
	if (i == n)
		return 0;

	while (i--)
		atomic64_sub(bytes, counters[i].bytes);
	qae_limit_refused(client, bytes, refusal->limit);
	return -EDQUOT;
}
EXPORT_SYMBOL_IF_KUNIT(qae_limit_charge);

/**
 * qae_limit_uncharge() - a charged region is no more, or never came to be
 * @client: as charged
 * @bytes: as charged
 */
void qae_limit_uncharge(struct qae_client *client, u64 bytes)
{
	struct counter counters[MAX_COUNTERS];
	unsigned int n = counters_of(client, bytes, counters);

	while (n--)
		atomic64_sub(bytes, counters[n].bytes);
}
EXPORT_SYMBOL_IF_KUNIT(qae_limit_uncharge);

/**
 * qae_limit_refused() - count a refusal
 * @client: whose allocation it was, or NULL for the kernel
 * @bytes: its size
 * @limit: that refused
 */
void qae_limit_refused(struct qae_client *client, u64 bytes, enum qae_limit limit)
{
	atomic64_inc(&qae_limits[limit].refused);
	if (client) {
		atomic64_inc(&client->refused);
		atomic64_inc(&client->user->refused);
	}
	trace_qae_limit_refused(client ? client->id : 0, bytes, limit);
}

static void raise_peak(atomic64_t *peak, s64 now)
{
	s64 seen = atomic64_read(peak);

	while (seen < now && !atomic64_try_cmpxchg(peak, &seen, now))
		;
}

/**
 * qae_limit_note_peaks() - memory was found for a charged region
 * @client: as charged
 * @bytes: as charged
 *
 * Not when charging: what was refused, or found no memory, is no peak. A peak
 * may count a charge of another thread that is still looking for memory. It is
 * never below what was pinned at once, for the last of these regions to come
 * here saw the charges of all.
 */
void qae_limit_note_peaks(struct qae_client *client, u64 bytes)
{
	struct counter counters[MAX_COUNTERS];
	unsigned int n = counters_of(client, bytes, counters);

	while (n--)
		raise_peak(counters[n].peak, atomic64_read(counters[n].bytes));
	if (client) {
		raise_peak(&qae_account.client_peak, atomic64_read(&client->bytes_peak));
		raise_peak(&qae_account.user_peak, atomic64_read(&client->user->bytes_peak));
	}
}
EXPORT_SYMBOL_IF_KUNIT(qae_limit_note_peaks);
