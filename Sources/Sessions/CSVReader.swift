/// CSV as RFC 4180 has it, read strictly, with the place of everything in it. A line break inside quotes becomes a blank.
struct CSVReader {
    struct Field: Sendable, Equatable {
        /// Without blanks around it.
        var text: String
        /// Of its first character, from 1.
        var column: Int
    }

    struct Record: Sendable, Equatable {
        /// Where it begins, from 1.
        var line: Int
        var fields: [Field]

        var isBlank: Bool { fields.allSatisfy { $0.text.isEmpty } }
    }

    private(set) var records: [Record] = []
    private(set) var problems: [RundownProblem] = []

    /// - Parameter lines: nil is one that cannot be read.
    init(_ lines: [String?]) {
        var index = 0
        while index < lines.count {
            let number = index + 1
            guard lines[index] != nil else {
                problems.append(
                    RundownProblem(
                        line: number,
                        text: "this line is no text in the encoding of the others. Save the whole file as UTF-8.",
                        textZh: "此行与其他行的编码不同，无法读取。请将整个文件另存为 UTF-8。"))
                index += 1
                continue
            }
            switch Self.record(lines, from: index) {
            case .success(let (fields, next)):
                let record = Record(line: number, fields: fields)
                if !record.isBlank { records.append(record) }
                index = next
            case .failure(let problem):
                problems.append(problem)
                index += 1
            }
        }
    }

    private static func record(_ lines: [String?], from start: Int) -> Result<([Field], next: Int), RundownProblem> {
        var fields: [Field] = []
        var index = start
        var characters = Array(lines[index] ?? "")
        var position = 0
        while true {
            let begin = position
            while position < characters.count, characters[position] == " " { position += 1 }
            var text = ""
            if position < characters.count, characters[position] == "\"" {
                let opened = position + 1
                position += 1
                while true {
                    if position >= characters.count {
                        guard index + 1 < lines.count, let next = lines[index + 1] else {
                            return .failure(
                                RundownProblem(
                                    line: start + 1, column: opened,
                                    text: "the quote is never closed. Add a \" where the text ends.",
                                    textZh: "引号没有闭合。请在文字结尾加上 \"。"))
                        }
                        index += 1
                        characters = Array(next)
                        position = 0
                        text.append(" ")
                    } else if characters[position] != "\"" {
                        text.append(characters[position])
                        position += 1
                    } else if position + 1 < characters.count, characters[position + 1] == "\"" {
                        text.append("\"")
                        position += 2
                    } else {
                        position += 1
                        break
                    }
                }
                while position < characters.count, characters[position] == " " { position += 1 }
                guard position == characters.count || characters[position] == "," else {
                    return .failure(
                        RundownProblem(
                            line: index + 1, column: position + 1,
                            text: "something follows a closing quote. Write \"\" for a quote inside of quotes.",
                            textZh: "右引号之后还有内容。引号内的引号请写成 \"\"。"))
                }
            } else {
                while position < characters.count, characters[position] != "," {
                    if characters[position] == "\"" {
                        return .failure(
                            RundownProblem(
                                line: index + 1, column: position + 1,
                                text:
                                    "a quote inside of text that is not quoted. Quote the whole field and double the quote.",
                                textZh: "未加引号的文字中出现了引号。请用引号括住整个字段，并将其中的引号写成两个。"))
                    }
                    text.append(characters[position])
                    position += 1
                }
            }
            fields.append(Field(text: trimmed(text), column: min(begin, max(0, characters.count - 1)) + 1))
            if position >= characters.count { return .success((fields, index + 1)) }
            position += 1
        }
    }

    private static func trimmed(_ text: String) -> String {
        let isBlank = { (character: Character) in character.isWhitespace || character == "\u{3000}" }
        let head = text.drop(while: isBlank)
        return String(head.reversed().drop(while: isBlank).reversed())
    }
}
