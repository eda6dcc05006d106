/// The first generation of an ASC MHL history (version 2.0): what is in the folder, with the XXH64 of each file, and the
/// chain that names that list by its C4 identifier.
enum MediaHashList {
    static let folder = "ascmhl"
    static let chain = "ascmhl_chain.xml"

    /// - Parameters:
    ///   - name: the delivery's folder.
    ///   - created: RFC 3339, UTC, whole seconds.
    /// - Returns: files by their name in `ascmhl`.
    static func generation(
        name: String, created: String, host: String, tool: (name: String, version: String), comment: String,
        files: [DeliveredFile]
    ) -> [(name: String, bytes: [UInt8])] {
        var xml = XMLText()
        xml.parent("hashlist", [("version", "2.0"), ("xmlns", "urn:ASC:MHL:v2.0")]) { xml in
            xml.parent("creatorinfo") { xml in
                xml.element("creationdate", [], created)
                xml.element("hostname", [], host)
                xml.element("tool", [("version", tool.version)], tool.name)
                xml.element("comment", [], comment)
            }
            xml.parent("processinfo") { xml in
                xml.element("process", [], "transfer")
                xml.parent("ignore") { xml in
                    for pattern in [".DS_Store", folder, "\(folder)/"] { xml.element("pattern", [], pattern) }
                }
            }
            xml.parent("hashes") { xml in
                for file in files {
                    xml.parent("hash") { xml in
                        xml.element("path", [("size", String(file.bytes))], file.path)
                        xml.element("xxh64", [("action", "original"), ("hashdate", created)], file.xxh64)
                    }
                }
            }
        }
        let list = Array(xml.text.utf8)
        let compact = created.filter { $0 != ":" }.replacing("T", with: "_")
        let listName = "0001_\(name)_\(compact).mhl"
        var chain = XMLText()
        chain.parent("ascmhldirectory", [("xmlns", "urn:ASC:MHL:DIRECTORY:v2.0")]) { xml in
            xml.parent("hashlist", [("sequencenr", "1")]) { xml in
                xml.element("path", [], listName)
                xml.element("c4", [], C4.identifier(of: list))
            }
        }
        return [(listName, list), (Self.chain, Array(chain.text.utf8))]
    }
}

extension String {
    fileprivate func replacing(_ old: Character, with new: Character) -> String {
        String(map { $0 == old ? new : $0 })
    }
}
