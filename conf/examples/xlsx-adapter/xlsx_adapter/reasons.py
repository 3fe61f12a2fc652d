"""Why a workbook was not taken, for the people who drop them. The codes are those of the CSV adapter (files.def in the
agent's sources), so that the agent's own pages explain them, too; what is peculiar to workbooks is in the detail."""

REASONS = {
    "QZ-FIL-003": ("工作簿无法读取", "确认文件是未加密的 .xlsx，用表格软件打开后另存为 .xlsx，以同名重新放入",
                   "the workbook cannot be read",
                   "make sure that it is an .xlsx without a password, save it as .xlsx again and drop it under its name"),
    "QZ-FIL-004": ("缺少需要的工作表或列", "改正工作表名、表头或配置，以同名重新放入",
                   "a sheet or a column that is needed is missing",
                   "correct sheet name, header or configuration and drop it again under its name"),
    "QZ-FIL-005": ("有不能采用的行，整个工作簿未采用", "改正所列各行，以同名重新放入",
                   "rows cannot be used, so nothing of the workbook was",
                   "correct the rows that are named and drop it again under its name"),
    "QZ-FIL-007": ("行数与标记文件所写的不符", "重新传送工作簿和标记",
                   "the marker promises another number of rows", "send workbook and marker again"),
    "QZ-FIL-008": ("重复放入了较早的工作簿", "若确要回到那时的数据，改名后再放入",
                   "an older workbook was dropped again", "if the data really goes back, drop it under another name"),
    "QZ-FIL-010": ("这个工作簿会删除过多的行", "确实如此，则重新放入并在旁边放空文件：文件名加 .accept",
                   "this workbook would remove too many rows",
                   "if that is right, drop it again with an empty file beside it, named like it with .accept at the end"),
}


def reason_text(name, code, detail):
    lines = [name, "", code]
    if code in REASONS:
        title_zh, next_zh, title_en, next_en = REASONS[code]
        lines += [title_zh + "。", next_zh + "。", "", title_en + ".", next_en + "."]
    return "\ufeff" + "\r\n".join([*lines, "", detail, ""])
