/* xls.c: workbooks of Excel 97, which are refused for now.
 * SPDX-License-Identifier: Apache-2.0 */
#include "statement/reading.h"

bool xls_read(struct reading *reading)
{
    return reading_refuse(reading, 0,
        "is a workbook of Excel 97 (.xls): open it in a spreadsheet program and save the sheet as "
        "CSV (UTF-8)");
}
