import Foundation

/// Names that every file system and every editing system takes.
enum FileNames {
    /// Windows and FAT refuse these.
    private static let refused = Set("<>:\"/\\|?*".unicodeScalars)

    /// `20121126_S1_03_市财政局`; a report's second take has `03-2`.
    static func clip(delivery: String, _ report: DeliveryPlan.Report, isASCII: Bool) -> String {
        let number = report.planned.number.digits(2) + (report.take > 1 ? "-\(report.take)" : "")
        let department = isASCII ? "" : plain(report.planned.department)
        return "\(delivery)_\(number)" + (department.isEmpty ? "" : "_\(department)")
    }

    /// - Parameter limit: bytes.
    static func plain(_ text: String, limit: Int = 120) -> String {
        var result = ""
        for character in text.precomposedStringWithCanonicalMapping {
            let isGood = character.unicodeScalars.allSatisfy { scalar in
                !refused.contains(scalar) && scalar.properties.generalCategory != .control
                    && scalar.properties.generalCategory != .format
            }
            let next = !isGood ? "" : character.isWhitespace ? "_" : String(character)
            if result.utf8.count + next.utf8.count > limit { break }
            result += next
        }
        while let last = result.last, last == "." || last == "_" { result.removeLast() }
        while let first = result.first, first == "." || first == "_" || first == "-" { result.removeFirst() }
        return result
    }
}
