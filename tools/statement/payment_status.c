/* payment_status.c: see payment_status.h.
 *
 * By local names, for banks have namespaces of their own. What is of a payment stands in
 * TxInfAndSts, of a part in OrgnlPmtInfAndSts, of the message in OrgnlGrpInfAndSts.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/payment_status.h"

#include <libxml/xmlreader.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 40
#define FILE_BYTES_MAX ((off_t)64 << 20)
#define FLAGS (XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

struct reading {
    xmlTextReaderPtr reader;
    char names[DEPTH_MAX][32]; /* of the elements around */
    int depth;
    struct payment_status message;
    struct payment_status whole;   /* of the message or the part that is read */
    struct payment_status payment; /* of the payment */
    bool is_report;
    bool is_ended; /* by who takes */
    const char *fault;
    bool (*take)(void *context, const struct payment_status *status);
    void *context;
};

static bool is_in(const struct reading *reading, const char *name)
{
    for (int i = 0; i < reading->depth; i++) {
        if (strcmp(reading->names[i], name) == 0)
            return true;
    }
    return false;
}

static void keep(struct reading *reading, char *ret_text, size_t text_bytes, const char *text)
{
    if (strlen(text) >= text_bytes || ret_text[0] != '\0')
        reading->fault = "an id or code in it is too long, or is there twice";
    else
        memcpy(ret_text, text, strlen(text) + 1);
}

static void take_text(struct reading *reading, const char *text)
{
    const char *name = reading->depth > 0 ? reading->names[reading->depth - 1] : "";
    bool is_payment = is_in(reading, "TxInfAndSts");
    struct payment_status *of = is_payment ? &reading->payment : &reading->whole;
    if (is_in(reading, "OrgnlTxRef"))
        return;
    if (strcmp(name, "OrgnlMsgId") == 0 && !is_payment)
        keep(reading, of->message_id, sizeof of->message_id, text);
    else if (strcmp(name, "OrgnlInstrId") == 0 && is_payment)
        keep(reading, of->instruction_id, sizeof of->instruction_id, text);
    else if (strcmp(name, "OrgnlEndToEndId") == 0 && is_payment)
        keep(reading, of->end_to_end_id, sizeof of->end_to_end_id, text);
    else if (strcmp(name, is_payment ? "TxSts" : "PmtInfSts") == 0 ||
             (!is_payment && strcmp(name, "GrpSts") == 0))
        keep(reading, of->status, sizeof of->status, text);
    else if (strcmp(name, "Cd") == 0 && is_in(reading, "Rsn") && of->reason[0] == '\0')
        keep(reading, of->reason, sizeof of->reason, text);
}

static void hand_on(struct reading *reading, const struct payment_status *status)
{
    if (!reading->fault && !reading->is_ended && reading->take)
        reading->is_ended = !reading->take(reading->context, status);
}

static void forget(struct payment_status *status)
{
    status->status[0] = status->reason[0] = '\0';
    status->has_payments = false;
}

static void begin(struct reading *reading, const char *name)
{
    if (reading->depth == DEPTH_MAX) {
        reading->fault = "its elements are nested too deep";
        return;
    }
    snprintf(reading->names[reading->depth++], sizeof reading->names[0], "%s", name);
    reading->is_report |= strncmp(name, "CstmrPmtStsRpt", 14) == 0;
    if (strcmp(name, "TxInfAndSts") == 0) {
        reading->payment = (struct payment_status){.is_of_payment = true};
        memcpy(reading->payment.message_id, reading->whole.message_id, PAYMENT_ID_BYTES);
    } else if (strcmp(name, "OrgnlGrpInfAndSts") == 0) {
        reading->whole = (struct payment_status){0};
    } else if (strcmp(name, "OrgnlPmtInfAndSts") == 0) {
        forget(&reading->whole);
    }
}

static void end(struct reading *reading)
{
    if (reading->depth == 0)
        return;
    const char *name = reading->names[--reading->depth];
    if (strcmp(name, "TxInfAndSts") == 0) {
        reading->whole.has_payments = reading->message.has_payments = true;
        hand_on(reading, &reading->payment);
    } else if (strcmp(name, "OrgnlGrpInfAndSts") == 0) {
        reading->message = reading->whole;
    } else if (strcmp(name, "OrgnlPmtInfAndSts") == 0) {
        hand_on(reading, &reading->whole);
    } else if (strncmp(name, "CstmrPmtStsRpt", 14) == 0) {
        hand_on(reading, &reading->message);
    }
}

static void take_node(struct reading *reading)
{
    xmlTextReaderPtr reader = reading->reader;
    switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_DOCUMENT_TYPE:
        reading->fault = "it has a document type, which none of a bank's has";
        break;
    case XML_READER_TYPE_ELEMENT:
        begin(reading, (const char *)xmlTextReaderConstLocalName(reader));
        if (!reading->fault && xmlTextReaderIsEmptyElement(reader))
            end(reading);
        break;
    case XML_READER_TYPE_END_ELEMENT:
        end(reading);
        break;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
        take_text(reading, (const char *)xmlTextReaderConstValue(reader));
        break;
    default:
        break;
    }
}

int payment_status_read(const char *file,
    bool (*take)(void *context, const struct payment_status *status), void *context,
    char *ret_error, size_t error_bytes)
{
    struct reading reading = {.take = take, .context = context};
    struct stat about;
    if (stat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_size > FILE_BYTES_MAX) {
        snprintf(
            ret_error, error_bytes, "'%s' is no file that can be read, of 64 MB at most", file);
        return -1;
    }
    reading.reader = xmlReaderForFile(file, NULL, FLAGS);
    int read = reading.reader ? 1 : -1;
    while (read == 1 && !reading.fault && !reading.is_ended) {
        read = xmlTextReaderRead(reading.reader);
        if (read == 1)
            take_node(&reading);
    }
    if (reading.reader)
        xmlFreeTextReader(reading.reader);
    if (!reading.fault && read < 0)
        reading.fault = "it is no XML, or not all of it is there";
    if (!reading.fault && !reading.is_report)
        reading.fault = "it is no pain.002 (the status of payments)";
    if (reading.fault)
        snprintf(ret_error, error_bytes, "'%s': %s", file, reading.fault);
    return reading.fault ? -1 : 0;
}
