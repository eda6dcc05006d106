/// What is wrong with a rundown: where, why, and what to do about it.
public struct RundownProblem: Error, Codable, Sendable, Equatable, CustomStringConvertible {
    /// From 1; 0 is the whole file.
    public var line: Int
    /// The character it begins with, from 1; 0 is the whole line.
    public var column: Int
    /// The CSV column's name.
    public var field: String?
    /// Cause and next step.
    public var text: String
    public var textZh: String

    public init(line: Int = 0, column: Int = 0, field: String? = nil, text: String, textZh: String) {
        self.line = line
        self.column = column
        self.field = field
        self.text = text
        self.textZh = textZh
    }

    public var description: String {
        var place = line > 0 ? "line \(line)" : "the file"
        if column > 0 { place += ", column \(column)" }
        if let field { place += " (\(field))" }
        return "\(place): \(text)"
    }

    public var descriptionZh: String {
        var place = line > 0 ? "第 \(line) 行" : "文件"
        if column > 0 { place += "第 \(column) 列" }
        if let field { place += "（\(field)）" }
        return "\(place)：\(textZh)"
    }

    static let workbook = Self(
        text: "this is a workbook and no CSV. In the spreadsheet: save as “CSV UTF-8”.",
        textZh: "这是工作簿而不是 CSV。请在表格软件中另存为“CSV UTF-8”。")
    static let utf16 = Self(
        text: "this is UTF-16 text. Save it as “CSV UTF-8”.", textZh: "这是 UTF-16 文本。请另存为“CSV UTF-8”。")
    static let noText = Self(
        text: "this is no text: it has NUL bytes. Save the rundown as CSV.", textZh: "这不是文本（含 NUL 字节）。请将议程另存为 CSV。")
    static let empty = Self(
        text:
            "there is no report in it. Write the line session,number,department,limitMinutes and one for each report.",
        textZh: "文件中没有任何汇报。请写入表头 session,number,department,limitMinutes，并为每个汇报写一行。")
}
