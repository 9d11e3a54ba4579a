/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints for every change of state, none on the data path. They carry ids,
 * names and sizes, never addresses: a reader of a trace must not learn where the
 * memory of another process is.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM qae

#if !defined(QAE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define QAE_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>
#include <linux/types.h>

#include <linux/qae.h>

DECLARE_EVENT_CLASS(qae_client,
		    TP_PROTO(u32 client, s32 pid),
		    TP_ARGS(client, pid),
		    TP_STRUCT__entry(__field(u32, client)
				     __field(s32, pid)),
		    TP_fast_assign(__entry->client = client;
				   __entry->pid = pid),
		    TP_printk("client=%u pid=%d", __entry->client, __entry->pid)
);

DEFINE_EVENT(qae_client, qae_client_open,
	     TP_PROTO(u32 client, s32 pid),
	     TP_ARGS(client, pid)
);

DEFINE_EVENT(qae_client, qae_client_close,
	     TP_PROTO(u32 client, s32 pid),
	     TP_ARGS(client, pid)
);

/* Client 0 is the kernel, see mem/kapi.c. */
DECLARE_EVENT_CLASS(qae_region,
		    TP_PROTO(u32 client, u64 bytes, s32 node),
		    TP_ARGS(client, bytes, node),
		    TP_STRUCT__entry(__field(u64, bytes)
				     __field(u32, client)
				     __field(s32, node)),
		    TP_fast_assign(__entry->bytes = bytes;
				   __entry->client = client;
				   __entry->node = node),
		    TP_printk("client=%u bytes=%llu node=%d", __entry->client, __entry->bytes,
			      __entry->node)
);

DEFINE_EVENT(qae_region, qae_region_alloc,
	     TP_PROTO(u32 client, u64 bytes, s32 node),
	     TP_ARGS(client, bytes, node)
);

DEFINE_EVENT(qae_region, qae_region_free,
	     TP_PROTO(u32 client, u64 bytes, s32 node),
	     TP_ARGS(client, bytes, node)
);

/* @limit is an enum qae_limit. */
TRACE_EVENT(qae_limit_refused,
	    TP_PROTO(u32 client, u64 bytes, u32 limit),
	    TP_ARGS(client, bytes, limit),
	    TP_STRUCT__entry(__field(u64, bytes)
			     __field(u32, client)
			     __field(u32, limit)),
	    TP_fast_assign(__entry->bytes = bytes;
			   __entry->client = client;
			   __entry->limit = limit),
	    TP_printk("client=%u bytes=%llu limit=%u", __entry->client, __entry->bytes,
		      __entry->limit)
);

/*
 * How a request for a contiguous range ended: @tries ranges were to be emptied, for
 * which @moved pages were moved or dropped.
 */
TRACE_EVENT(qae_contig_search,
	    TP_PROTO(u64 bytes, s32 node, u32 tries, u64 moved, bool found),
	    TP_ARGS(bytes, node, tries, moved, found),
	    TP_STRUCT__entry(__field(u64, bytes)
			     __field(u64, moved)
			     __field(s32, node)
			     __field(u32, tries)
			     __field(bool, found)),
	    TP_fast_assign(__entry->bytes = bytes;
			   __entry->moved = moved;
			   __entry->node = node;
			   __entry->tries = tries;
			   __entry->found = found),
	    TP_printk("bytes=%llu node=%d tries=%u moved=%llu found=%d", __entry->bytes,
		      __entry->node, __entry->tries, __entry->moved, __entry->found)
);

TRACE_EVENT(qae_section_claim,
	    TP_PROTO(const char *section, u32 client, u32 insts),
	    TP_ARGS(section, client, insts),
	    TP_STRUCT__entry(__array(char, section, QAE_SECTION_SIZE)
			     __field(u32, client)
			     __field(u32, insts)),
	    TP_fast_assign(strscpy_pad(__entry->section, section, QAE_SECTION_SIZE);
			   __entry->client = client;
			   __entry->insts = insts),
	    TP_printk("section=%s client=%u insts=%u", __entry->section, __entry->client,
		      __entry->insts)
);

TRACE_EVENT(qae_section_release,
	    TP_PROTO(const char *section, u32 client),
	    TP_ARGS(section, client),
	    TP_STRUCT__entry(__array(char, section, QAE_SECTION_SIZE)
			     __field(u32, client)),
	    TP_fast_assign(strscpy_pad(__entry->section, section, QAE_SECTION_SIZE);
			   __entry->client = client),
	    TP_printk("section=%s client=%u", __entry->section, __entry->client)
);

DECLARE_EVENT_CLASS(qae_instance,
		    TP_PROTO(u32 endpoint, u32 service, u32 ordinal, u32 client),
		    TP_ARGS(endpoint, service, ordinal, client),
		    TP_STRUCT__entry(__field(u32, endpoint)
				     __field(u32, service)
				     __field(u32, ordinal)
				     __field(u32, client)),
		    TP_fast_assign(__entry->endpoint = endpoint;
				   __entry->service = service;
				   __entry->ordinal = ordinal;
				   __entry->client = client),
		    TP_printk("endpoint=%u service=%u ordinal=%u client=%u", __entry->endpoint,
			      __entry->service, __entry->ordinal, __entry->client)
);

DEFINE_EVENT(qae_instance, qae_instance_alloc,
	     TP_PROTO(u32 endpoint, u32 service, u32 ordinal, u32 client),
	     TP_ARGS(endpoint, service, ordinal, client)
);

DEFINE_EVENT(qae_instance, qae_instance_free,
	     TP_PROTO(u32 endpoint, u32 service, u32 ordinal, u32 client),
	     TP_ARGS(endpoint, service, ordinal, client)
);

TRACE_EVENT(qae_endpoint_state,
	    TP_PROTO(u32 id, u32 state),
	    TP_ARGS(id, state),
	    TP_STRUCT__entry(__field(u32, id)
			     __field(u32, state)),
	    TP_fast_assign(__entry->id = id;
			   __entry->state = state),
	    TP_printk("endpoint=%u state=%s", __entry->id,
		      __print_symbolic(__entry->state,
				       { QAE_ENDPOINT_DOWN, "down" },
				       { QAE_ENDPOINT_UP, "up" },
				       { QAE_ENDPOINT_GONE, "gone" },
				       { QAE_ENDPOINT_STARTING, "starting" },
				       { QAE_ENDPOINT_RESETTING, "resetting" },
				       { QAE_ENDPOINT_ERROR, "error" }))
);

TRACE_EVENT(qae_config_publish,
	    TP_PROTO(u32 id, u32 generation, u32 sections),
	    TP_ARGS(id, generation, sections),
	    TP_STRUCT__entry(__field(u32, id)
			     __field(u32, generation)
			     __field(u32, sections)),
	    TP_fast_assign(__entry->id = id;
			   __entry->generation = generation;
			   __entry->sections = sections),
	    TP_printk("endpoint=%u generation=%u sections=%u", __entry->id, __entry->generation,
		      __entry->sections)
);

#endif /* QAE_TRACE_H */

/* define_trace.h includes this file again, relative to TRACE_INCLUDE_PATH. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
