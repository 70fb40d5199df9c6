/* camt.c: camt.053 statements, camt.052 reports and camt.054 notifications of ISO 20022.
 *
 * Read element by element by libxml2's xmlTextReader, which keeps one branch of the tree at a time.
 * A document type is refused, so there are no entities; nothing is loaded from outside; depth, text
 * and what stands between two nodes are bounded. What the elements of a statement say is
 * camt_content.c's.
 * Source: ISO 20022, camt.052, .053 and .054.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/camt_parts.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 40
/* Between two nodes, and before the first element: a tag with very many attributes, which libxml2
 * compares each with each, would take hours. */
#define NODE_BYTES_MAX ((int64_t)128 << 10)
#define OUTER_DEPTH_MAX 4 /* envelopes around the message */

/* ---- the document ---- */

/* The message by its element; versions of before 2009 have "V01" behind. */
static bool is_message(const char *name, const char *message)
{
    size_t length = strlen(message);
    return strncmp(name, message, length) == 0 && (name[length] == '\0' || name[length] == 'V');
}

static bool take_message(struct camt *camt, const char *name, int depth)
{
    static const struct {
        const char *element;
        enum statement_format format; /* 0: no statement */
        const char *what;
    } messages[] = {
        {"BkToCstmrStmt", STATEMENT_CAMT053, ""},
        {"BkToCstmrAcctRpt", STATEMENT_CAMT052, ""},
        {"BkToCstmrDbtCdtNtfctn", STATEMENT_CAMT054, ""},
        {"CstmrCdtTrfInitn", 0, "a pain.001 (credit transfers to be made)"},
        {"CstmrPmtStsRpt", 0, "a pain.002 (the status of payments)"},
        {"CstmrPmtRvsl", 0, "a pain.007 (payments to be reversed)"},
        {"CstmrDrctDbtInitn", 0, "a pain.008 (direct debits to be made)"},
        {"FIToFICstmrCdtTrf", 0, "a pacs.008 (credit transfers between banks)"},
        {"FIToFIPmtStsRpt", 0, "a pacs.002 (the status of payments between banks)"},
        {"PmtRtr", 0, "a pacs.004 (returned payments between banks)"},
        {"RsltnOfInvstgtn", 0, "a camt.029 (the answer to an inquiry)"},
        {"AcctRptgReq", 0, "a camt.060 (a request for statements)"},
    };
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        if (!is_message(name, messages[i].element))
            continue;
        camt->message_depth = depth;
        camt->reading->outcome->format = messages[i].format;
        return messages[i].format != 0 || reading_refuse(camt->reading, camt_line(camt),
                                              "is %s, no statement", messages[i].what);
    }
    if (depth > OUTER_DEPTH_MAX)
        return camt_refuse(camt, "is XML and no camt.052, camt.053 or camt.054");
    return true;
}

static bool is_statement(const struct camt *camt, const char *name)
{
    switch (camt->reading->outcome->format) {
    case STATEMENT_CAMT053:
        return strcmp(name, "Stmt") == 0;
    case STATEMENT_CAMT052:
        return strcmp(name, "Rpt") == 0;
    default:
        return strcmp(name, "Ntfctn") == 0;
    }
}

/* Puts the name to the path, and looks up what it is. */
static bool enter(struct camt *camt, const char *name)
{
    size_t length = strlen(name);
    size_t slash = camt->path_length > 0 ? 1 : 0;
    if (camt->path_length + slash + length >= sizeof camt->path)
        return camt_refuse(camt, "the names of the elements are longer than those of a statement");
    if (slash)
        camt->path[camt->path_length] = '/';
    memcpy(camt->path + camt->path_length + slash, name, length + 1);
    camt->path_length += slash + length;
    camt->element = camt_element_of(camt->path);
    return camt_begin_element(camt);
}

static bool leave(struct camt *camt)
{
    enum camt_element element = camt_element_of(camt->path);
    bool is_taken = element == CAMT_NONE || camt_end_element(camt, element);
    char *slash = strrchr(camt->path, '/');
    camt->path_length = slash ? (size_t)(slash - camt->path) : 0;
    camt->path[camt->path_length] = '\0';
    camt->element = CAMT_NONE;
    return is_taken;
}

static bool take_end(struct camt *camt, int depth)
{
    if (camt->statement_depth < 0 || depth < camt->statement_depth)
        return true;
    if (depth > camt->statement_depth)
        return leave(camt);
    camt->statement_depth = -1;
    return camt_end_statement(camt);
}

static bool take_start(struct camt *camt, int depth)
{
    const char *name = (const char *)xmlTextReaderConstLocalName(camt->xml);
    bool is_empty = xmlTextReaderIsEmptyElement(camt->xml) == 1;
    bool is_taken = true;
    camt->has_element = true;
    if (depth > DEPTH_MAX)
        return camt_refuse(camt, "elements are nested deeper than those of a statement");
    if (camt->message_depth < 0) {
        is_taken = take_message(camt, name, depth);
    } else if (camt->statement_depth >= 0) {
        is_taken = enter(camt, name);
    } else if (depth == camt->message_depth + 1 && is_statement(camt, name)) {
        camt->statement_depth = depth;
        camt->path_length = 0;
        camt->path[0] = '\0';
        is_taken = camt_begin_statement(camt);
    }
    return is_taken && (!is_empty || take_end(camt, depth));
}

static bool take_value(struct camt *camt)
{
    if (camt->element == CAMT_NONE || camt->statement_depth < 0)
        return true;
    const char *value = (const char *)xmlTextReaderConstValue(camt->xml);
    size_t length = value ? strlen(value) : 0;
    if (camt->text.length + length > STATEMENT_LINE_BYTES_MAX)
        return camt_refuse(camt, "a text is longer than 64 KiB");
    if (length > 0)
        buffer_append(&camt->text, value, length);
    return true;
}

static bool take_node(struct camt *camt)
{
    switch (xmlTextReaderNodeType(camt->xml)) {
    case XML_READER_TYPE_ELEMENT:
        return take_start(camt, xmlTextReaderDepth(camt->xml));
    case XML_READER_TYPE_END_ELEMENT:
        return take_end(camt, xmlTextReaderDepth(camt->xml));
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
    case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
        return take_value(camt);
    case XML_READER_TYPE_DOCUMENT_TYPE:
        return camt_refuse(camt, "has a document type (DOCTYPE), which no statement has");
    case XML_READER_TYPE_ENTITY_REFERENCE:
        return camt_refuse(camt, "has an entity of its own, which no statement has");
    default:
        return true;
    }
}

/* ---- libxml2 ---- */

static int on_read(void *context, char *bytes, int room)
{
    struct camt *camt = context;
    if (camt->taken - camt->node_taken > NODE_BYTES_MAX) {
        camt->is_too_long = true;
        return -1;
    }
    int got = source_take(&camt->reading->source, bytes, (size_t)room);
    camt->taken += got > 0 ? got : 0;
    return got;
}

/* Keeps the number of the first error; its text may quote the document. */
static void on_error(void *context, xmlErrorPtr error)
{
    struct camt *camt = context;
    if (camt->error != 0 || error->level < XML_ERR_ERROR)
        return;
    camt->error = error->code;
    camt->error_line = error->line > 0 ? (uint32_t)error->line : 1;
}

static bool refuse_xml(struct camt *camt)
{
    const struct source *source = &camt->reading->source;
    if (source->error != 0)
        return reading_refuse(camt->reading, 0, "could not be read: %s", strerror(source->error));
    if (camt->is_too_long)
        return reading_refuse(camt->reading, 0,
            camt->has_element ? "has a tag, text or comment of more than 128 KiB"
                              : "has no element within its first 128 KiB");
    return reading_refuse(camt->reading, camt->error_line,
        "is no well-formed XML, or is cut off (libxml2 error %d)", camt->error);
}

static bool read_document(struct camt *camt)
{
    int got;
    camt->xml = xmlReaderForIO(on_read, NULL, camt, NULL, NULL, XML_PARSE_NONET);
    CHECK(camt->xml != NULL);
    xmlTextReaderSetStructuredErrorHandler(camt->xml, on_error, camt);
    while ((got = xmlTextReaderRead(camt->xml)) == 1) {
        camt->node_taken = camt->taken;
        if (!take_node(camt))
            return false;
    }
    if (got != 0 || camt->error != 0)
        return refuse_xml(camt);
    if (camt->message_depth < 0)
        return reading_refuse(camt->reading, 0, "is XML and no camt.052, camt.053 or camt.054");
    if (camt->statement_count == 0)
        return reading_refuse(camt->reading, 0, "is a %s without a statement",
            statement_format_name(camt->reading->outcome->format));
    return true;
}

bool camt_read(struct reading *reading)
{
    struct camt camt = {.reading = reading, .message_depth = -1, .statement_depth = -1};
    bool is_read = read_document(&camt);
    xmlFreeTextReader(camt.xml);
    buffer_finish(&camt.text);
    for (int i = 0; i < TEXT_PARTS; i++) {
        buffer_finish(&camt.texts[i]);
        buffer_finish(&camt.detail_texts[i]);
    }
    return is_read;
}
