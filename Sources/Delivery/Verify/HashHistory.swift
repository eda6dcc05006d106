import LinuxSystem

/// What a folder's ASC MHL history says of it, all generations together.
struct HashHistory {
    struct Expected: Equatable {
        var bytes: Int?
        var hashes: [FileHash.Kind: String]
        /// Kinds that cannot be computed here.
        var unknown: [String]
    }

    /// By path, from the folder's top.
    private(set) var files: [String: Expected] = [:]
    /// Of the history's own files.
    private(set) var lists: Set<String> = []
    /// What is wrong with the history itself.
    private(set) var problems: [VerificationReport.Problem] = []

    /// - Throws: when there is no history, or it cannot be read.
    init(_ folder: String) throws {
        let chainPath = "\(MediaHashList.folder)/\(MediaHashList.chain)"
        guard Files.exists("\(folder)/\(chainPath)") else {
            throw DeliveryError(
                "\(folder) has no \(chainPath): it is not a delivery, or not a whole one.",
                "\(folder) 中没有 \(chainPath)：它不是交付包，或不完整。", next: "Name the folder that holds clips and master.",
                "请指定包含 clips 和 master 的文件夹。")
        }
        lists.insert(chainPath)
        let chain = try XMLReader.read(Files.read("\(folder)/\(chainPath)", limit: 16 << 20))
        let generations = chain.all("hashlist").sorted {
            (Int($0.attributes["sequencenr"] ?? "") ?? 0) < (Int($1.attributes["sequencenr"] ?? "") ?? 0)
        }
        for generation in generations {
            let path = "\(MediaHashList.folder)/\(generation.first("path")?.text ?? "")"
            lists.insert(path)
            guard Self.isInside(path), let bytes = try? Files.read("\(folder)/\(path)", limit: 1 << 30) else {
                problems.append(.init(path: path, kind: .missing))
                continue
            }
            let expected = generation.first("c4")?.text
            if expected != C4.identifier(of: bytes) { problems.append(.init(path: path, kind: .wrong, detail: "C4")) }
            do {
                try add(XMLReader.read(bytes))
            } catch {
                problems.append(.init(path: path, kind: .wrong, detail: "\(error)"))
            }
        }
        if generations.isEmpty { problems.append(.init(path: chainPath, kind: .wrong, detail: "it names no list")) }
    }

    private mutating func add(_ list: XMLReader.Element) throws {
        for hash in list.first("hashes")?.all("hash") ?? [] {
            guard let path = hash.first("path") else { continue }
            guard Self.isInside(path.text) else {
                throw XMLReader.Failure(description: "it names \(path.text), which is not in the folder")
            }
            // A later generation may know another kind besides.
            var expected = files[path.text] ?? Expected(bytes: nil, hashes: [:], unknown: [])
            expected.bytes = path.attributes["size"].flatMap { Int($0) } ?? expected.bytes
            for value in hash.children where value.name != "path" {
                if let kind = FileHash.Kind(rawValue: value.name) {
                    expected.hashes[kind] = expected.hashes[kind] ?? value.text
                } else if ["xxh128", "xxh3"].contains(value.name) {
                    expected.unknown.append(value.name)
                }
            }
            files[path.text] = expected
        }
    }

    /// A path that leads nowhere else.
    private static func isInside(_ path: String) -> Bool {
        !path.isEmpty && !path.hasPrefix("/") && !path.utf8.contains(0)
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
                !$0.isEmpty && $0 != "." && $0 != ".."
            }
    }
}
