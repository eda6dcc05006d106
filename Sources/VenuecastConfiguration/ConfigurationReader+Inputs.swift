extension ConfigurationReader {
    /// What `venuectl program take` means by these words.
    private static let reservedIDs: Set<String> = ["auto", "mute", "unmute"]
    /// Given by the house to every pipeline.
    static let houseKeys: Set<String> = ["width", "height", "frameRate", "pictureFormat"]

    func readInputs(_ root: Section, _ house: Configuration.House) -> [Configuration.Input] {
        let sections = root.sections("inputs")
        if root.has("inputs"), sections.isEmpty {
            root.error("inputs", "there is no input", "add at least one [[inputs]] with id and pipeline")
        }
        var taken: [String: String] = [:]
        return sections.map { section in
            let id = id(section, taken: taken, reserved: Self.reservedIDs)
            if let id { taken[id] = section.path }
            let input = readInput(section, id: id ?? "")
            section.finish()
            return input
        }
    }

    private func readInput(_ section: Section, id: String) -> Configuration.Input {
        section.require("pipeline", "write pipeline = \"input-…\", one of \(available)")
        var input = Configuration.Input(id: id, pipeline: section.text("pipeline") ?? "", pipelineFile: "")
        if !input.pipeline.isEmpty {
            input.pipelineFile = pipelineFile(input.pipeline, place: section.place("pipeline")) ?? ""
        } else if section.has("pipeline") {
            section.error("pipeline", "is empty", "write one of \(available)")
        }
        input.gainDb = section.number("gainDb", -60...24, unit: " dB") ?? 0
        input.audioDelayMs = section.integer("audioDelayMs", -500...2000, unit: " ms") ?? 0
        input.loop = section.boolean("loop") ?? false
        input.still = section.boolean("still") ?? false
        input.silent = section.boolean("silent") ?? false
        if let channels = section.text("channels") {
            if Self.isChannelChoice(channels) {
                input.channels = channels
            } else {
                section.error(
                    "channels", "\(channels.quoted) does not name source channels",
                    "write \"1+2\", \"3+4\" or the like, or \"1\" for one channel on both sides")
            }
        }
        input.passphraseFile = passphraseFile(section)
        readPlaceholders(section, &input)
        return input
    }

    private var available: String { library.names(prefix: "input-").joined(separator: ", ") }

    /// `3+4`, or `1`: source channels from 1 to 64.
    private static func isChannelChoice(_ text: String) -> Bool {
        let parts = text.split(separator: "+", omittingEmptySubsequences: false)
        return (1...2).contains(parts.count)
            && parts.allSatisfy { part in
                part.utf8.allSatisfy { (0x30...0x39).contains($0) } && Int(part).map { (1...64).contains($0) } == true
            }
    }

    // MARK: Placeholders

    private func readPlaceholders(_ section: Section, _ input: inout Configuration.Input) {
        let pipeline = input.pipeline
        let placeholders = placeholders(section, pipeline, input.pipelineFile, given: Self.houseKeys) { name, value in
            check(section, name, value, pipeline: pipeline)
        }
        input.placeholders = placeholders
        guard !input.pipelineFile.isEmpty else { return }
        if input.passphraseFile != nil, !section.holdsSRTAddress {
            section.error(
                "passphraseFile", "only an SRT address takes a passphrase", "remove it, or write an srt:// url")
        }
    }

    /// The values that a table gives a pipeline file's placeholders.
    /// - Parameters:
    ///   - given: placeholders that have their values from elsewhere.
    ///   - check: reports what is wrong with a value; nil leaves it out.
    func placeholders(
        _ section: Section, _ pipeline: String, _ file: String, given: Set<String>,
        check: (_ name: String, _ value: ConfigurationValue) -> ConfigurationValue?
    ) -> [String: ConfigurationValue] {
        guard !file.isEmpty, let bytes = PlainFile.beginning(file, 1 << 18),
            let text = String(validating: bytes, as: UTF8.self)
        else {
            // Without the file nobody can say which keys it takes.
            section.expect(section.rest.map(\.key))
            return [:]
        }
        let scan = PipelineScan(text: text)
        var result: [String: ConfigurationValue] = [:]
        for name in scan.placeholders.union(scan.defaults.keys).subtracting(given).sorted() {
            if scan.defaults[name] == nil {
                section.require(name, "write \(name) = …, which the pipeline \(pipeline) has to know")
            }
            guard let node = section.node(name), let value = value(section, name, node, scan) else { continue }
            result[name] = check(name, value)
        }
        return result
    }

    /// By the type of the file's own default.
    private func value(_ section: Section, _ name: String, _ node: TOMLNode, _ scan: PipelineScan)
        -> ConfigurationValue?
    {
        let value: ConfigurationValue
        switch node {
        case .text(let text): value = .text(text)
        case .integer(let number): value = .integer(number)
        case .number(let number): value = .number(number)
        case .boolean(let flag): value = .boolean(flag)
        default: return section.wrongType(name, node, "one value: text in quotes, a number, true or false")
        }
        switch (scan.defaults[name], value) {
        case (nil, _), (.boolean, .boolean), (.text, .text), (.integer, .integer), (.number, .number),
            (.number, .integer), (.integer, .number):
            break
        case (.boolean?, _): return section.wrongType(name, node, "true or false, without quotes")
        case (.text?, _): return section.wrongType(name, node, "text in quotes")
        case (.integer?, _), (.number?, _): return section.wrongType(name, node, "a number, without quotes")
        }
        if scan.caps.contains(name), !value.fitsCaps {
            return section.wrongValue(
                name, node,
                "a whole number, a fraction such as 25/1 or a plain word, as this place in the file takes it"
            )
        }
        return value
    }

    /// What is known of the placeholders with a well-known name.
    private func check(
        _ section: Section, _ name: String, _ value: ConfigurationValue, pipeline: String
    ) -> ConfigurationValue? {
        switch (name, value) {
        case ("path", .text(let text)):
            let path = absolute(text)
            if let fault = PlainFile.fault(path) { section.error(name, fault.cause, fault.nextStep) }
            return .text(path)
        case ("url", .text(let text)):
            checkInputAddress(section, text, pipeline: pipeline)
        case ("path", _), ("url", _):
            return section.wrongType(name, value.node, "text in quotes")
        case ("latencyMs", _), ("bufferMs", _):
            _ = section.integer(name, 0...10_000, unit: " ms")
        case (_, .text(let text)) where text.hasControlCharacters:
            return section.wrongValue(name, value.node, "text in one line")
        default: break
        }
        return value
    }

    private func checkInputAddress(_ section: Section, _ text: String, pipeline: String) {
        if let fault = text.addressFault {
            section.error("url", fault.cause, fault.nextStep)
            return
        }
        let scheme = text.prefix { $0 != ":" }.lowercased()
        if pipeline == "input-srt" || scheme == "srt" {
            _ = srtAddress(section, text)
            return
        }
        let rtsp: Set<String> = ["rtsp", "rtsps", "rtspt", "rtspu"]
        if pipeline == "input-rtsp", !rtsp.contains(scheme) {
            section.error("url", "the address does not begin with rtsp://", "write rtsp://HOST/PATH")
            return
        }
        let parts = text.dropFirst(scheme.count)
        guard parts.hasPrefix("://"), let authority = parts.dropFirst(3).split(separator: "/").first,
            !authority.isEmpty
        else {
            section.error("url", "the address names no host", "write \(scheme.isEmpty ? "rtsp" : scheme)://HOST/PATH")
            return
        }
        if authority.contains("@") {
            section.findings.warning(
                section.place("url"),
                "the address holds a user name or a password, which every reader of this file sees",
                "use an account that can do nothing but watch, and run chmod 600 \(path)")
        }
    }
}

extension ConfigurationValue {
    fileprivate var node: TOMLNode {
        switch self {
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .text(let value): .text(value)
        }
    }

    fileprivate var fitsCaps: Bool {
        switch self {
        case .integer: true
        case .text(let text):
            !text.isEmpty
                && text.unicodeScalars.allSatisfy {
                    $0.isASCII
                        && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || "/-_".unicodeScalars.contains($0))
                }
        default: false
        }
    }
}

extension Section {
    fileprivate var holdsSRTAddress: Bool {
        guard case .text(let text)? = node("url") else { return false }
        return text.lowercased().hasPrefix("srt:")
    }
}
