/// One table while it is read: each key is asked for once, by its type; what was never asked for is a misspelt key.
/// A value that is wrong is reported and its default given back, so that the reading goes on.
final class Section {
    let path: String
    let findings: Findings
    private let table: [String: TOMLNode]
    private var known: Set<String> = []
    private var missing: [(key: String, nextStep: String)] = []

    init(_ table: [String: TOMLNode], path: String, findings: Findings) {
        self.table = table
        self.path = path
        self.findings = findings
    }

    /// The key path of a key in this table.
    func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    func error(_ key: String, _ cause: String, _ nextStep: String) { findings.error(place(key), cause, nextStep) }
    func warning(_ key: String, _ cause: String, _ nextStep: String) { findings.warning(place(key), cause, nextStep) }

    /// Whether the file says anything under this key.
    func has(_ key: String) -> Bool { table[key] != nil }

    /// Marks keys as known that are read elsewhere.
    func expect(_ keys: some Sequence<String>) { known.formUnion(keys) }

    /// The keys nobody has asked for yet, in order.
    var rest: [(key: String, value: TOMLNode)] {
        table.filter { !known.contains($0.key) }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func node(_ key: String) -> TOMLNode? {
        known.insert(key)
        return table[key]
    }

    /// Says that a key has to be there; said at the end, unless it is there under a misspelt name.
    func require(_ key: String, _ nextStep: String) {
        known.insert(key)
        if table[key] == nil { missing.append((key, nextStep)) }
    }

    // MARK: Values

    func text(_ key: String) -> String? {
        guard let node = node(key) else { return nil }
        guard case .text(let value) = node else { return wrongType(key, node, "text in quotes") }
        return value
    }

    func boolean(_ key: String) -> Bool? {
        guard let node = node(key) else { return nil }
        guard case .boolean(let value) = node else { return wrongType(key, node, "true or false, without quotes") }
        return value
    }

    func integer(_ key: String, _ range: ClosedRange<Int>, unit: String = "") -> Int? {
        guard let node = node(key) else { return nil }
        let wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)\(unit)"
        guard case .integer(let value) = node else { return wrongType(key, node, wanted) }
        guard let value = Int(exactly: value), range.contains(value) else { return wrongValue(key, node, wanted) }
        return value
    }

    func number(_ key: String, _ range: ClosedRange<Double>, unit: String = "") -> Double? {
        guard let node = node(key) else { return nil }
        let wanted = "a number from \(range.lowerBound.plain) to \(range.upperBound.plain)\(unit)"
        let value: Double
        switch node {
        case .integer(let whole): value = Double(whole)
        case .number(let number): value = number
        default: return wrongType(key, node, wanted)
        }
        return range.contains(value) ? value : wrongValue(key, node, wanted)
    }

    func texts(_ key: String) -> [String]? {
        guard let node = node(key) else { return nil }
        guard case .array(let elements) = node else { return wrongType(key, node, "a list of texts: [\"…\", \"…\"]") }
        return elements.enumerated().compactMap { index, element in
            guard case .text(let value) = element else {
                return wrongType("\(key)[\(index)]", element, "text in quotes")
            }
            return value
        }
    }

    func section(_ key: String) -> Section? {
        guard let node = node(key) else { return nil }
        guard case .table(let table) = node else { return wrongType(key, node, "a table: [\(place(key))]") }
        return Section(table, path: place(key), findings: findings)
    }

    func sections(_ key: String) -> [Section] {
        guard let node = node(key) else { return [] }
        guard case .array(let elements) = node else {
            let _: Bool? = wrongType(key, node, "a list of tables, each one begun with [[\(key)]]")
            return []
        }
        return elements.enumerated().compactMap { index, element in
            guard case .table(let table) = element else {
                return wrongType("\(key)[\(index)]", element, "a table")
            }
            return Section(table, path: "\(place(key))[\(index)]", findings: findings)
        }
    }

    // MARK: Reports

    func wrongType<Value>(_ key: String, _ node: TOMLNode, _ wanted: String) -> Value? {
        error(key, "is \(node.kind), and has to be \(wanted)", "write \(wanted)")
        return nil
    }

    func wrongValue<Value>(_ key: String, _ node: TOMLNode, _ wanted: String) -> Value? {
        error(key, "\(node.shown) is not \(wanted)", "write \(wanted)")
        return nil
    }

    /// Reports what is misspelt and what is missing. Call it when everything has been asked for.
    func finish() {
        for (key, _) in rest {
            if let meant = NearestKey.find(key, among: known) {
                missing.removeAll { $0.key == meant }
                error(key, "the key \(key.quoted) is unknown", "write \(meant)")
            } else {
                error(
                    key, "the key \(key.quoted) is unknown",
                    "remove it, or use one of \(known.sorted().joined(separator: ", "))")
            }
        }
        for (key, nextStep) in missing { error(key, "is missing", nextStep) }
    }
}

extension Double {
    /// Without a `.0` that says nothing.
    var plain: String { self == rounded() && abs(self) < 1e15 ? String(Int64(self)) : String(self) }
}
