import Foundation

extension ConfigurationReader {
    /// Given by the house and by the table's own keys.
    private static let givenPlaceholders = houseKeys.union(["videoBitrateKbps"])
    private static let presets = [
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow",
    ]

    func readRecording(_ root: Section, _ inputs: [Configuration.Input]) -> Configuration.Recording? {
        guard let section = root.section("recording") else { return nil }
        section.require(
            "directory", "write directory = \"recordings\" for one in the state directory, or an absolute path")
        let pipeline = section.text("pipeline") ?? "recorder"
        var recording = Configuration.Recording(
            directory: directory(section, "directory") ?? "",
            pipelineFile: pipelineFile(
                pipeline, place: section.has("pipeline") ? section.place("pipeline") : section.path) ?? "")
        recording.copyDirectory = directory(section, "copyDirectory")
        if let copy = recording.copyDirectory, copy == recording.directory {
            section.error("copyDirectory", "is the directory that is recorded to", "name one on another disk")
        }
        recording.inputs = readRecordedInputs(section, inputs)
        recording.segmentSeconds =
            section.integer("segmentSeconds", 5...3600, unit: " s") ?? recording.segmentSeconds
        recording.videoBitrateKbps =
            section.integer("videoBitrateKbps", 1000...400_000, unit: " kbit/s") ?? recording.videoBitrateKbps
        recording.minimumFreeBytes =
            section.integer("minimumFreeBytes", 0...1_000_000_000_000_000, unit: " bytes").map { Int64($0) }
            ?? recording.minimumFreeBytes
        recording.retentionDays = section.integer("retentionDays", 1...3650, unit: " days")
        recording.bufferBytes =
            section.integer("bufferBytes", (16 << 20)...(64 << 30), unit: " bytes") ?? recording.bufferBytes
        recording.placeholders = placeholders(
            section, pipeline, recording.pipelineFile, given: Self.givenPlaceholders
        ) { name, value in
            checkRecorder(section, pipeline, name, value)
        }
        section.finish()
        return recording
    }

    private func directory(_ section: Section, _ key: String) -> String? {
        guard let text = section.text(key) else { return nil }
        if text.isEmpty || text.hasControlCharacters {
            section.error(key, "is no path", "write a directory's path")
            return nil
        }
        var isDirectory: ObjCBool = false
        if text.hasPrefix("/") {
            let exists = FileManager.default.fileExists(atPath: text, isDirectory: &isDirectory)
            if !exists {
                section.warning(
                    key, "there is no directory \(text) now", "make it, or mount its disk, before a session")
            } else if !isDirectory.boolValue {
                section.error(key, "\(text) is no directory", "name a directory")
            }
        }
        return text
    }

    private func readRecordedInputs(_ section: Section, _ inputs: [Configuration.Input]) -> [String] {
        guard let wanted = section.texts("inputs") else { return [] }
        let ids = inputs.map(\.id).filter { !$0.isEmpty }
        for (index, id) in wanted.enumerated() {
            if !ids.contains(id) {
                let meant = NearestKey.find(id, among: ids)
                section.error(
                    "inputs[\(index)]", "there is no input \(id.quoted)",
                    meant.map { "write \($0)" } ?? "use one of \(ids.joined(separator: ", "))")
            } else if wanted.firstIndex(of: id) != index {
                section.error("inputs[\(index)]", "\(id.quoted) stands there twice", "remove one of them")
            }
        }
        return wanted
    }

    private func checkRecorder(
        _ section: Section, _ pipeline: String, _ name: String, _ value: ConfigurationValue
    ) -> ConfigurationValue? {
        guard pipeline == "recorder" else { return value }
        switch (name, value) {
        case ("preset", .text(let preset)) where !Self.presets.contains(preset):
            section.error(
                name, "\(preset.quoted) is no preset of x264", "use one of \(Self.presets.joined(separator: ", "))")
            return nil
        case ("encoderThreads", _):
            return section.integer(name, 1...64).map { .integer(Int64($0)) }
        default: return value
        }
    }
}
