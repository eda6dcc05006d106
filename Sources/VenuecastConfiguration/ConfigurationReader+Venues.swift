import VenuecastModel

extension ConfigurationReader {
    func readVenues(_ root: Section) -> [Configuration.Venue] {
        let sections = root.sections("venues")
        if sections.isEmpty, !root.has("venues") {
            findings.warning(
                "venues", "there is no venue, so that the programme goes nowhere", "add [[venues]] with id and link")
        }
        var taken: [String: String] = [:]
        return sections.map { section in
            let id = id(section, taken: taken, reserved: ["main"])
            if let id { taken[id] = section.path }
            let name = name(section)
            section.require("link", "write [venues.link] with url = \"srt://…\" under it")
            var link = Configuration.Link(url: "")
            if let table = section.section("link") { link = readLink(table) }
            section.finish()
            return Configuration.Venue(id: id ?? "", name: name ?? id ?? "", link: link)
        }
    }

    private func readLink(_ section: Section) -> Configuration.Link {
        section.require("url", "write url = \"srt://0.0.0.0:PORT?mode=listener\" or the like")
        var link = Configuration.Link(url: section.text("url") ?? "")
        let latency = section.integer("latencyMs", 20...8000, unit: " ms")
        link.latencyMs = latency ?? 800
        link.passphraseFile = passphraseFile(section)
        if !link.url.isEmpty, let address = srtAddress(section, link.url) {
            if let other = address.options["latency"], other != String(link.latencyMs) {
                section.warning(
                    "url",
                    "the address asks for a latency of \(other.quoted) ms, and \(link.latencyMs) ms will be used",
                    "write latencyMs = … and remove latency from the address")
            }
        } else if section.has("url"), link.url.isEmpty, section.text("url") != nil {
            section.error("url", "the address is empty", "write srt://HOST:PORT?mode=listener, caller or rendezvous")
        }
        section.finish()
        return link
    }

    /// Reports what is wrong with the address under `url`, and remembers the port it binds.
    func srtAddress(_ section: Section, _ text: String) -> SRTAddress? {
        if let fault = text.addressFault {
            section.error("url", fault.cause, fault.nextStep)
            return nil
        }
        do {
            let address = try SRTAddress(text)
            for name in address.options.keys.sorted() where !SRTAddress.knownOptions.contains(name) {
                let meant = NearestKey.find(name, among: SRTAddress.knownOptions)
                section.warning(
                    "url", "the SRT option \(name.quoted) is not one that is understood here",
                    meant.map { "write \($0)" } ?? "remove it, or look it up in libsrt's documentation")
            }
            if let (host, port) = address.listening { listeners.append((section.place("url"), host, port)) }
            return address
        } catch {
            section.error("url", error.cause, error.nextStep)
            return nil
        }
    }

    /// Two that bind the same port, one of them perhaps on every address.
    func checkListeners() {
        for (index, listener) in listeners.enumerated() {
            let other = listeners[..<index].first { other in
                other.port == listener.port
                    && (other.host == listener.host || SRTAddress.wildcards.contains(other.host)
                        || SRTAddress.wildcards.contains(listener.host))
            }
            guard let other else { continue }
            let used = Set(listeners.map(\.port))
            let free = (listener.port...65535).first { !used.contains($0) }
            findings.error(
                listener.place, "the port \(listener.port) is the one \(other.place) listens on already",
                "give it a port of its own\(free.map { ", such as \($0)" } ?? "")")
        }
    }

    func checkUplink(_ configuration: Configuration) {
        guard let uplink = configuration.program.uplinkMbps, !configuration.venues.isEmpty else { return }
        let sum = configuration.kbpsPerVenue * Double(configuration.venues.count) / 1000
        let sentence =
            "\(configuration.venues.count) venues at \(Int(configuration.kbpsPerVenue)) kbit/s each take "
            + "\(Int(sum.rounded(.up))) Mbit/s of the \(uplink.plain) Mbit/s there are"
        if sum > uplink {
            let affordable = Int(uplink * 1000 / Double(configuration.venues.count) / Uplink.overhead)
            let video = affordable - configuration.program.audioBitrateKbps
            findings.error(
                "program.uplinkMbps", sentence,
                video >= 200
                    ? "lower program.videoBitrateKbps to \(video / 100 * 100) or less, or get a faster line"
                    : "get a faster line, or carry the programme to fewer venues")
        } else if !Uplink.leavesRoom(neededMbps: sum, of: uplink) {
            findings.warning(
                "program.uplinkMbps", sentence + ", which leaves little for what is sent again after a loss",
                "lower program.videoBitrateKbps, or get a faster line")
        }
    }
}
