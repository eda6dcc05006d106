import Foundation
import Glibc

extension ConfigurationReader {
    func readProgram(
        _ root: Section, _ house: Configuration.House, inputs: [Configuration.Input]
    ) -> Configuration.Program {
        var program = Configuration.Program(
            inputs: [], slates: [], videoBitrateKbps: 6000, audioBitrateKbps: 192, pipelineFile: "")
        program.pipelineFile = pipelineFile("program", place: "program") ?? ""
        guard let section = root.section("program") else { return program }
        section.require("inputs", "write inputs = [\"…\"], the first good one of which is on air")
        program.inputs = readOrder(section, inputs)
        program.videoBitrateKbps = section.integer("videoBitrateKbps", 200...50_000, unit: " kbit/s") ?? 6000
        program.audioBitrateKbps = section.integer("audioBitrateKbps", 32...320, unit: " kbit/s") ?? 192
        program.keyframeSeconds = section.integer("keyframeSeconds", 1...10, unit: " s") ?? 1
        program.returnAfterSeconds = section.number("returnAfterSeconds", 0...600, unit: " s") ?? 3
        program.uplinkMbps = section.number("uplinkMbps", 0.1...100_000, unit: " Mbit/s")
        var taken: [String: String] = [:]
        program.slates = section.sections("slates").map { table in
            let id = id(table, taken: taken, reserved: [])
            if let id { taken[id] = table.path }
            return readSlate(table, id: id ?? "")
        }
        program.othersGet = readOthers(section, program.slates) ?? program.othersGet
        program.countdown = readCountdown(section)
        section.finish()
        return program
    }

    private func readCountdown(_ section: Section) -> Configuration.Program.Countdown? {
        guard let table = section.section("countdown") else { return nil }
        let corners = Configuration.Program.Countdown.corners
        table.require("corner", "write corner = \"top-right\"")
        var countdown = Configuration.Program.Countdown(corner: table.text("corner") ?? "top-right")
        if !corners.contains(countdown.corner) {
            table.error(
                "corner", "\(countdown.corner.quoted) is no corner", "use one of \(corners.joined(separator: ", "))")
        }
        countdown.lastSeconds = table.number("lastSeconds", 1...36_000, unit: " s") ?? countdown.lastSeconds
        table.finish()
        return countdown
    }

    private func readOthers(_ section: Section, _ slates: [Configuration.Slate]) -> Configuration.Program.Others? {
        guard let text = section.text("othersGet") else { return nil }
        if text == "nothing" { return .nothing }
        if text == "slate" { return .slate(nil) }
        let id = text.hasPrefix("slate:") ? String(text.dropFirst("slate:".count)) : nil
        if let id, slates.contains(where: { $0.id == id }) { return .slate(id) }
        let known = slates.map { "\"slate:\($0.id)\"" }
        section.error(
            "othersGet",
            id == nil ? "\(text.quoted) is neither a slate nor nothing" : "there is no slate \((id ?? "").quoted)",
            "write one of \((["\"slate\"", "\"nothing\""] + known).joined(separator: ", "))")
        return nil
    }

    private func readOrder(_ section: Section, _ inputs: [Configuration.Input]) -> [String] {
        guard let order = section.texts("inputs") else { return [] }
        let ids = inputs.map(\.id).filter { !$0.isEmpty }
        if order.isEmpty {
            section.error("inputs", "names no input, so that a slate is all there is", "write inputs = [\"…\"]")
        }
        for (index, id) in order.enumerated() {
            if !ids.contains(id) {
                let meant = NearestKey.find(id, among: ids)
                section.error(
                    "inputs[\(index)]", "there is no input \(id.quoted)",
                    meant.map { "write \($0)" }
                        ?? "add [[inputs]] with this id, or use one of \(ids.joined(separator: ", "))")
            } else if order.firstIndex(of: id) != index {
                section.error("inputs[\(index)]", "\(id.quoted) stands there twice", "remove one of them")
            }
        }
        for (index, input) in inputs.enumerated() where !input.id.isEmpty && !order.contains(input.id) {
            findings.warning(
                "inputs[\(index)].id", "the input \(input.id.quoted) is not in program.inputs, and never on air",
                "add it there, or remove the input")
        }
        return order
    }

    private func readSlate(_ section: Section, id: String) -> Configuration.Slate {
        var slate = Configuration.Slate(id: id)
        switch (section.has("image"), section.has("text")) {
        case (true, true):
            section.error("text", "the slate has an image and a text", "remove one of them")
        case (false, false):
            section.error(
                "image", "the slate has neither an image nor a text", "write image = \"….png\" or text = \"…\"")
        default: break
        }
        if let image = section.text("image") {
            let path = absolute(image)
            if let fault = PlainFile.slateFault(path) { section.error("image", fault.cause, fault.nextStep) }
            slate.image = path
        }
        if let text = section.text("text") {
            let plain = text.filter { $0 != "\n" }
            if plain.allSatisfy(\.isWhitespace) || text.count > 500 || plain.hasControlCharacters {
                section.error("text", "is not a text of 1 to 500 characters", "write what is to be read on the slate")
            }
            slate.text = text
        }
        section.finish()
        return slate
    }

    func readControl(_ root: Section) -> Configuration.Control {
        var control = Configuration.Control(
            operatorSocket: .init(mode: 0o660), monitorSocket: .init(mode: 0o660))
        guard let section = root.section("control") else { return control }
        control.operatorSocket.mode = mode(section, "operatorMode") ?? control.operatorSocket.mode
        control.monitorSocket.mode = mode(section, "monitorMode") ?? control.monitorSocket.mode
        control.operatorSocket.group = group(section, "operatorGroup")
        control.monitorSocket.group = group(section, "monitorGroup")
        control.archiveSocket.mode = mode(section, "archiveMode") ?? control.archiveSocket.mode
        control.archiveSocket.group = group(section, "archiveGroup")
        control.archiveMbps = section.integer("archiveMbps", 0...100_000) ?? control.archiveMbps
        control.scrapePort = section.integer("scrapePort", 1...65_535)
        if control.operatorSocket.mode & 0o002 != 0 {
            section.warning(
                "operatorMode", "every user of this machine may operate the programme", "write operatorMode = \"0660\"")
        }
        section.finish()
        return control
    }

    /// Octal text: `0660`.
    private func mode(_ section: Section, _ key: String) -> UInt32? {
        let wanted = "text in quotes of octal digits, such as \"0660\""
        guard let node = section.node(key) else { return nil }
        guard case .text(let text) = node else { return section.wrongType(key, node, wanted) }
        guard (3...4).contains(text.utf8.count), let mode = UInt32(text, radix: 8), mode <= 0o777 else {
            return section.wrongValue(key, node, wanted)
        }
        guard mode & 0o600 == 0o600 else {
            section.error(key, "\(text.quoted) locks the daemon's own user out", "begin with 06: \"0660\"")
            return nil
        }
        return mode
    }

    private func group(_ section: Section, _ key: String) -> String? {
        guard let name = section.text(key) else { return nil }
        var entry = GroupRecord()
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        var found: UnsafeMutablePointer<GroupRecord>?
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            section.error(
                key, "there is no group \(name.quoted) on this machine", "run groupadd for it, or name one there is")
            return nil
        }
        return name
    }
}

/// The C struct; a function of the same name would hide it.
private typealias GroupRecord = Glibc.group
