import Foundation

/// Reads a rundown and finds everything that is wrong with it, at once.
///
/// `session,number,department,limitMinutes` and, optional, `title`, `speaker`, `venues`; a line for each report. `venues`
/// makes a session internal: ids or names, with blanks, semicolons or enumeration commas between them; it may stand in
/// one line of the session or in all of them.
public struct RundownReader {
    public struct Venue: Sendable, Equatable {
        public var id: String
        public var name: String

        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    static let required = ["session", "number", "department", "limitMinutes"]
    static let optional = ["title", "speaker", "venues"]
    static let longestLimitMinutes = 600.0
    static let longestText = 200

    /// Nil when there are problems.
    public private(set) var rundown: Rundown?
    public private(set) var problems: [RundownProblem] = []
    /// `UTF-8` or `GB18030`.
    public private(set) var encoding = RundownText.Encoding.utf8.rawValue

    private var columns: [String: Int] = [:]
    private var sessions: [PlannedSession] = []
    /// Where each session's number and venues were first seen.
    private var numberLines: [String: [Int: Int]] = [:]
    private var venueLines: [String: Int] = [:]
    private let known: [Venue]

    /// - Parameter venues: those of the configuration.
    public init(_ bytes: [UInt8], venues: [Venue]) {
        known = venues
        do {
            let text = try RundownText(bytes)
            encoding = text.encoding.rawValue
            let csv = CSVReader(text.lines)
            problems = csv.problems
            guard let header = csv.records.first else {
                if problems.isEmpty { problems = [.empty] }
                return
            }
            guard read(header: header) else { return }
            for record in csv.records.dropFirst() { read(record, fields: header.fields.count) }
            if sessions.isEmpty, problems.isEmpty { problems = [.empty] }
        } catch {
            problems = [error]
        }
        problems.sort { ($0.line, $0.column) < ($1.line, $1.column) }
        if problems.isEmpty { rundown = Rundown(sessions: sessions) }
    }

    // MARK: The header

    private mutating func read(header: CSVReader.Record) -> Bool {
        let names = Self.required + Self.optional
        if header.fields.count == 1, let separator = ["，", ";", "\t"].first(where: header.fields[0].text.contains) {
            let shown = separator == "\t" ? "tabs" : "“\(separator)”"
            problems.append(
                RundownProblem(
                    line: header.line, text: "the columns are separated by \(shown). Separate them by commas (,).",
                    textZh: "各列以\(separator == "\t" ? "制表符" : "“\(separator)”")分隔。请改用半角逗号（,）。"))
            return false
        }
        for (index, field) in header.fields.enumerated() where !field.text.isEmpty {
            guard let name = names.first(where: { $0.lowercased() == field.text.lowercased() }) else {
                problems.append(
                    RundownProblem(
                        line: header.line, column: field.column,
                        text:
                            "“\(field.text)” is no column of a rundown. The columns are \(names.joined(separator: ", ")).",
                        textZh: "“\(field.text)”不是议程的列名。列名为：\(names.joined(separator: "、"))。"))
                continue
            }
            if columns[name] != nil {
                problems.append(
                    RundownProblem(
                        line: header.line, column: field.column, field: name,
                        text: "the column stands there twice. Remove one.",
                        textZh: "该列出现了两次。请删除一个。"))
            }
            columns[name] = index
        }
        let missing = Self.required.filter { columns[$0] == nil }
        if !missing.isEmpty {
            problems.append(
                RundownProblem(
                    line: header.line,
                    text: "the header lacks \(missing.joined(separator: ", ")). The first line has to be "
                        + "\(Self.required.joined(separator: ",")), and title, speaker, venues if wanted.",
                    textZh: "表头缺少 \(missing.joined(separator: "、"))。第一行应为 "
                        + "\(Self.required.joined(separator: ","))，可另加 title、speaker、venues。"))
        }
        return missing.isEmpty
    }

    // MARK: A report

    private mutating func read(_ record: CSVReader.Record, fields count: Int) {
        if let extra = record.fields.dropFirst(count).first(where: { !$0.text.isEmpty }) {
            problems.append(
                RundownProblem(
                    line: record.line, column: extra.column,
                    text: "there are more fields than columns. Put a text with a comma into quotes.",
                    textZh: "字段数多于列数。含逗号的文字请加引号。"))
        }
        func field(_ name: String) -> (text: String, column: Int) {
            guard let index = columns[name], index < record.fields.count else { return ("", 0) }
            return (record.fields[index].text, record.fields[index].column)
        }
        func complain(_ name: String, _ text: String, _ textZh: String) {
            problems.append(
                RundownProblem(
                    line: record.line, column: field(name).column, field: name, text: text, textZh: textZh))
        }
        func plain(_ name: String) -> String? {
            let text = field(name).text
            if text.count > Self.longestText {
                complain(
                    name, "has more than \(Self.longestText) characters. Shorten it.", "超过 \(Self.longestText) 个字符。请缩短。"
                )
            }
            if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
                complain(name, "has control characters. Remove them.", "含有控制字符。请删除。")
            }
            return text.isEmpty ? nil : text
        }

        let id = field("session").text
        var isUsable = Self.isSessionID(id)
        if !isUsable {
            complain(
                "session", "“\(id)” cannot be a session's id. Use letters, digits and -, at most 32: S1.",
                "“\(id)”不能作为场次编号。请使用字母、数字和 -，最多 32 个字符，例如 S1。")
        } else if let other = sessions.first(where: { $0.id != id && $0.id.lowercased() == id.lowercased() }) {
            isUsable = false
            complain(
                "session", "“\(id)” differs from “\(other.id)” only in capitals. Use one spelling.",
                "“\(id)”与“\(other.id)”仅大小写不同。请统一写法。")
        }
        let number = Self.number(field("number").text)
        if number == nil {
            complain(
                "number", "“\(field("number").text)” is no report's number. Write a whole number from 1 to 9999.",
                "“\(field("number").text)”不是汇报序号。请填写 1 到 9999 的整数。")
        }
        let department = plain("department")
        if department == nil { complain("department", "is missing. Name the department.", "缺失。请填写部门名称。") }
        let limit = limitSeconds(field("limitMinutes").text, complain: { complain("limitMinutes", $0, $1) })
        let (title, speaker) = (plain("title"), plain("speaker"))
        let venues = venues(field("venues").text, complain: { complain("venues", $0, $1) })
        guard isUsable else { return }

        if !sessions.contains(where: { $0.id == id }) { sessions.append(PlannedSession(id: id, reports: [])) }
        let index = sessions.firstIndex { $0.id == id } ?? 0
        if let number {
            if let line = numberLines[id]?[number] {
                complain(
                    "number", "\(id) has a report \(number) already, in line \(line). Give each its own number.",
                    "\(id) 在第 \(line) 行已有第 \(number) 号汇报。请使用不同的序号。")
            } else {
                numberLines[id, default: [:]][number] = record.line
            }
        }
        if let venues {
            if let line = venueLines[id], Set(sessions[index].venues ?? []) != Set(venues) {
                complain(
                    "venues", "\(id) has other venues in line \(line). A session has the same ones throughout.",
                    "\(id) 在第 \(line) 行指定了不同的分会场。同一场次必须一致。")
            } else if venueLines[id] == nil {
                venueLines[id] = record.line
                sessions[index].venues = venues
            }
        }
        if let number, let department, let limit {
            sessions[index].reports.append(
                PlannedReport(
                    number: number, department: department, limitSeconds: limit, title: title, speaker: speaker))
        }
    }

    private func limitSeconds(_ text: String, complain: (String, String) -> Void) -> Double? {
        let plain = Self.halfWidth(text)
        guard !plain.isEmpty, plain.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }),
            let minutes = Double(plain)
        else {
            complain(
                "“\(text)” is no number of minutes. Write the minutes alone: 10.", "“\(text)”不是分钟数。请只写数字，例如 10。")
            return nil
        }
        // To the millisecond: what is less than one is none.
        let seconds = (minutes * 60_000).rounded() / 1000
        guard seconds > 0, minutes <= Self.longestLimitMinutes else {
            complain(
                "a report's limit has to be more than 0 and at most 600 minutes. Write its minutes: 10.",
                "汇报时限必须大于 0 且不超过 600 分钟。请填写分钟数，例如 10。")
            return nil
        }
        return seconds
    }

    /// - Returns: nil where none are named.
    private func venues(_ text: String, complain: (String, String) -> Void) -> [String]? {
        let names = text.split { " ;；、,，|".contains($0) || $0.isWhitespace }.map(String.init)
        if names.isEmpty { return nil }
        var ids: [String] = []
        for name in names {
            guard let venue = known.first(where: { $0.id == name || $0.name == name }) else {
                let list = known.map(\.id).joined(separator: ", ")
                complain(
                    "there is no venue “\(name)”. The venues are: \(list).", "没有分会场“\(name)”。可用的分会场：\(list)。")
                continue
            }
            if !ids.contains(venue.id) { ids.append(venue.id) }
        }
        return known.map(\.id).filter(ids.contains)
    }

    /// What can be part of a path without leading anywhere.
    public static func isSessionID(_ id: String) -> Bool {
        (1...32).contains(id.utf8.count)
            && id.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func number(_ text: String) -> Int? {
        let plain = halfWidth(text)
        guard !plain.isEmpty, plain.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(plain).flatMap { (1...9999).contains($0) ? $0 : nil }
    }

    /// As Chinese keyboards write digits.
    private static func halfWidth(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    (0xFF0E...0xFF19).contains(scalar.value)
                        ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
                }))
    }
}
