#pragma once

// What Swift cannot import: macros, and functions with a variable number of arguments.

#include <gio/gio.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <gst/video/video.h>

enum cg_kind {
    CG_OTHER, CG_BOOL, CG_INT, CG_UINT, CG_INT64, CG_UINT64, CG_FLOAT, CG_DOUBLE, CG_STRING, CG_ENUM, CG_FLAGS,
    CG_FRACTION, CG_STRUCTURE, CG_ARRAY, CG_LIST, CG_VALUE_ARRAY, CG_OBJECT, CG_CAPS,
};

static inline enum cg_kind cg_kind_of_type(GType type) {
    if (type == GST_TYPE_FRACTION) return CG_FRACTION;
    if (type == GST_TYPE_CAPS) return CG_CAPS;
    if (type == GST_TYPE_STRUCTURE) return CG_STRUCTURE;
    if (type == GST_TYPE_ARRAY) return CG_ARRAY;
    if (type == GST_TYPE_LIST) return CG_LIST;
    G_GNUC_BEGIN_IGNORE_DEPRECATIONS
    if (type == G_TYPE_VALUE_ARRAY) return CG_VALUE_ARRAY;
    G_GNUC_END_IGNORE_DEPRECATIONS
    switch (G_TYPE_FUNDAMENTAL(type)) {
    case G_TYPE_BOOLEAN: return CG_BOOL;
    case G_TYPE_INT: return CG_INT;
    case G_TYPE_UINT: return CG_UINT;
    case G_TYPE_LONG: case G_TYPE_INT64: return CG_INT64;
    case G_TYPE_ULONG: case G_TYPE_UINT64: return CG_UINT64;
    case G_TYPE_FLOAT: return CG_FLOAT;
    case G_TYPE_DOUBLE: return CG_DOUBLE;
    case G_TYPE_STRING: return CG_STRING;
    case G_TYPE_ENUM: return CG_ENUM;
    case G_TYPE_FLAGS: return CG_FLAGS;
    case G_TYPE_OBJECT: return CG_OBJECT;
    default: return CG_OTHER;
    }
}

static inline GType cg_value_type(const GValue *value) { return G_VALUE_TYPE(value); }
static inline const char *cg_value_type_name(const GValue *value) { return G_VALUE_TYPE_NAME(value); }
// A box with nothing in it counts as unset.
static inline gboolean cg_value_is_set(const GValue *value) {
    return G_IS_VALUE(value) && !(G_VALUE_HOLDS_BOXED(value) && g_value_get_boxed(value) == NULL);
}
// The nicknames of what is set, as gst_value_deserialize reads them (gst_value_serialize writes long names);
// to be freed.
static inline char *cg_value_flags_text(const GValue *value) {
    GFlagsClass *flags = (GFlagsClass *)g_type_class_ref(G_VALUE_TYPE(value));
    GString *text = g_string_new(NULL);
    guint rest = g_value_get_flags(value);
    for (GFlagsValue *flag; rest != 0 && (flag = g_flags_get_first_value(flags, rest)) != NULL; rest &= ~flag->value)
        g_string_append_printf(text, "%s%s", text->len ? "+" : "", flag->value_nick);
    g_type_class_unref(flags);
    return g_string_free(text, FALSE);
}
static inline gint64 cg_value_get_long(const GValue *value) {
    return G_VALUE_HOLDS_LONG(value) ? g_value_get_long(value) : g_value_get_int64(value);
}
static inline guint64 cg_value_get_ulong(const GValue *value) {
    return G_VALUE_HOLDS_ULONG(value) ? g_value_get_ulong(value) : g_value_get_uint64(value);
}
static inline void cg_value_set_long(GValue *value, gint64 number) {
    if (G_VALUE_HOLDS_LONG(value)) g_value_set_long(value, (glong)number); else g_value_set_int64(value, number);
}
static inline void cg_value_set_ulong(GValue *value, guint64 number) {
    if (G_VALUE_HOLDS_ULONG(value)) g_value_set_ulong(value, (gulong)number); else g_value_set_uint64(value, number);
}
static inline const GstCaps *cg_value_get_caps(const GValue *value) { return gst_value_get_caps(value); }
static inline const GstStructure *cg_value_get_structure(const GValue *value) { return gst_value_get_structure(value); }

G_GNUC_BEGIN_IGNORE_DEPRECATIONS
static inline guint cg_value_array_size(const GValue *value) {
    GValueArray *array = (GValueArray *)g_value_get_boxed(value);
    return array ? array->n_values : 0;
}
static inline const GValue *cg_value_array_get(const GValue *value, guint index) {
    return g_value_array_get_nth((GValueArray *)g_value_get_boxed(value), index);
}
G_GNUC_END_IGNORE_DEPRECATIONS

/// "host:port" of a GSocketAddress; NULL for any other object. To be freed with g_free.
static inline char *cg_socket_address_text(gpointer object) {
    if (!G_IS_SOCKET_CONNECTABLE(object)) return NULL;
    return g_socket_connectable_to_string(G_SOCKET_CONNECTABLE(object));
}
static inline gboolean cg_is_element(gpointer object) { return GST_IS_ELEMENT(object); }
static inline gboolean cg_is_pad(gpointer object) { return GST_IS_PAD(object); }
static inline gboolean cg_is_pipeline(gpointer object) { return GST_IS_PIPELINE(object); }
static inline const char *cg_object_type_name(gpointer object) { return G_OBJECT_TYPE_NAME(object); }
static inline GType cg_object_type(gpointer object) { return G_OBJECT_TYPE(object); }
static inline GParamSpec *cg_find_property(gpointer object, const char *name) {
    return g_object_class_find_property(G_OBJECT_GET_CLASS(object), name);
}
static inline GstMessageType cg_message_type(const GstMessage *message) { return GST_MESSAGE_TYPE(message); }
static inline GType cg_type_int64(void) { return G_TYPE_INT64; }
static inline GType cg_type_uint64(void) { return G_TYPE_UINT64; }
static inline GType cg_type_bool(void) { return G_TYPE_BOOLEAN; }
static inline GType cg_type_double(void) { return G_TYPE_DOUBLE; }
static inline GType cg_type_string(void) { return G_TYPE_STRING; }
static inline GType cg_type_int(void) { return G_TYPE_INT; }
static inline GType cg_type_uint(void) { return G_TYPE_UINT; }
static inline GType cg_type_fraction(void) { return GST_TYPE_FRACTION; }
static inline GType cg_type_structure(void) { return GST_TYPE_STRUCTURE; }
static inline GType cg_type_array(void) { return GST_TYPE_ARRAY; }
static inline GType cg_type_object(void) { return G_TYPE_OBJECT; }
static inline GType cg_type_none(void) { return G_TYPE_NONE; }

/// Signals: one marshaller for every signature; `data` is the closure's own.
static inline GClosure *cg_closure_new(gpointer data, GClosureNotify destroyed, GClosureMarshal marshal) {
    GClosure *closure = g_closure_new_simple(sizeof(GClosure), data);
    g_closure_add_finalize_notifier(closure, data, destroyed);
    g_closure_set_marshal(closure, marshal);
    return closure;
}
static inline gpointer cg_closure_data(GClosure *closure) { return closure->data; }

static inline guint64 cg_buffer_pts(const GstBuffer *buffer) { return GST_BUFFER_PTS(buffer); }
static inline guint64 cg_buffer_dts(const GstBuffer *buffer) { return GST_BUFFER_DTS(buffer); }
static inline guint64 cg_buffer_duration(const GstBuffer *buffer) { return GST_BUFFER_DURATION(buffer); }
static inline guint cg_buffer_flags(const GstBuffer *buffer) { return GST_BUFFER_FLAGS(buffer); }
static inline void cg_buffer_set_times(GstBuffer *buffer, guint64 pts, guint64 dts, guint64 duration) {
    GST_BUFFER_PTS(buffer) = pts;
    GST_BUFFER_DTS(buffer) = dts;
    GST_BUFFER_DURATION(buffer) = duration;
}
static inline void cg_buffer_set_flag(GstBuffer *buffer, guint flag, gboolean on) {
    if (on) GST_BUFFER_FLAG_SET(buffer, flag); else GST_BUFFER_FLAG_UNSET(buffer, flag);
}
static inline GstBuffer *cg_buffer_ref(GstBuffer *buffer) { return gst_buffer_ref(buffer); }
static inline void cg_buffer_unref(GstBuffer *buffer) { gst_buffer_unref(buffer); }
static inline void cg_sample_unref(GstSample *sample) { gst_sample_unref(sample); }
static inline void cg_message_unref(GstMessage *message) { gst_message_unref(message); }
static inline void cg_event_unref(GstEvent *event) { gst_event_unref(event); }
static inline GstEvent *cg_event_ref(GstEvent *event) { return gst_event_ref(event); }
static inline GstEventType cg_event_type(const GstEvent *event) { return GST_EVENT_TYPE(event); }
static inline void cg_caps_unref(GstCaps *caps) { gst_caps_unref(caps); }
static inline GstBuffer *cg_buffer_make_writable(GstBuffer *buffer) { return gst_buffer_make_writable(buffer); }
/// A header of its own over the same memory.
static inline GstBuffer *cg_buffer_copy_shallow(GstBuffer *buffer) {
    return gst_buffer_copy_region(buffer, GST_BUFFER_COPY_ALL, 0, (gsize)-1);
}
static inline GstBuffer *cg_buffer_region(GstBuffer *buffer, gsize offset, gsize size) {
    return gst_buffer_copy_region(buffer, GST_BUFFER_COPY_MEMORY, offset, size);
}
/// For rates of whole frames a second.
static inline void cg_buffer_add_timecode(GstBuffer *buffer, guint rate, guint hours, guint minutes, guint seconds,
                                          guint frames) {
    gst_buffer_add_video_time_code_meta_full(buffer, rate, 1, NULL, GST_VIDEO_TIME_CODE_FLAGS_NONE, hours, minutes,
                                             seconds, frames, 0);
}
static inline GstPadProbeType cg_probe_info_type(const GstPadProbeInfo *info) { return GST_PAD_PROBE_INFO_TYPE(info); }

static inline GstStructure *cg_force_key_unit(guint64 running_time, gboolean all_headers, guint count) {
    return gst_structure_new("GstForceKeyUnit", "running-time", GST_TYPE_CLOCK_TIME, running_time, "all-headers",
                             G_TYPE_BOOLEAN, all_headers, "count", G_TYPE_UINT, count, NULL);
}
