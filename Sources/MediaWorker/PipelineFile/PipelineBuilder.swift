import GStreamer
import LinuxSystem
import WorkerProtocol

extension PipelineFile {
    init(path: String) throws {
        let bytes = try Files.read(path)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(description: "\(path): is not UTF-8 text.")
        }
        try self.init(text: text, path: path)
    }

    /// Parses the text and sets every placeholder by its property's type. The caller chooses the clock.
    /// - Parameter house: whose pictures it takes or makes; it fills in its own placeholders.
    func build(_ values: [String: PlaceholderValue], _ house: HouseFormat? = nil) throws -> Pipeline {
        let values = values.merging(house?.placeholders ?? [:]) { $1 }
        let pipeline = try parse(values)
        // An address set later would reset what goes with it: srtsrc's latency, for one.
        for assignment in assignments.filter(\.isAddress) + assignments.filter({ !$0.isAddress }) {
            try set(assignment, try value(of: assignment.placeholder, values), in: pipeline)
        }
        if let house { try expectPictures(Caps(house.pictureCaps), in: pipeline) }
        return pipeline
    }

    /// Whether it would build, as far as that can be said without the values a configuration gives.
    /// - Parameter expected: the caps that its pictures have to be able to have; nil: any.
    func check(_ values: [String: PlaceholderValue], _ house: HouseFormat, expecting expected: String?) throws {
        let values = values.merging(house.placeholders) { $1 }
        let pipeline = try parse(values)
        for assignment in assignments {
            guard let value = values[assignment.placeholder] ?? defaults[assignment.placeholder] else {
                let element = try pipeline.required(assignment.element, in: path)
                guard element.hasProperty(assignment.property) else {
                    throw Failure(
                        description: "\(path): \(element.typeName) has no property \(assignment.property).")
                }
                continue
            }
            try set(assignment, value, in: pipeline)
        }
        if let expected { try expectPictures(Caps(expected), in: pipeline) }
    }

    /// A file of a technician's own may have been written for another house: bytes of one format would be taken for those
    /// of another.
    private func expectPictures(_ house: Caps, in pipeline: Pipeline) throws {
        let taken = (try? pipeline.element(named: "picture")?.get("caps")).flatMap { caps in
            if case .other(let text) = caps { Caps(text) } else { nil }
        }
        let given = try pipeline.element(named: "feedsinkpicture")?.pad("sink").peer?.currentOrPossibleCaps
        for (name, verb, own) in [("picture", "takes", taken), ("feedsinkpicture", "gets", given)] {
            guard let own, !own.intersects(house) else { continue }
            func format(_ caps: Caps) -> String? { caps.first?["format"]?.stringValue }
            let (mine, theirs) = (format(own), format(house))
            let isFormat = mine != nil && mine != theirs
            throw Failure(
                description:
                    "\(path): \(name) \(verb) \(isFormat ? mine ?? "" : own.description), and the house's pictures are "
                    + "\(isFormat ? theirs ?? "" : house.description): write format=${pictureFormat}, width=${width} and so on "
                    + "in its caps, as the shipped file of the same name does.")
        }
    }

    private func parse(_ values: [String: PlaceholderValue]) throws -> Pipeline {
        do {
            return try Pipeline.parse(try launchDescription(values))
        } catch let error as GStreamerError {
            throw Failure(description: "\(path): \(error.message)")
        }
    }

    private func set(_ assignment: Assignment, _ value: PlaceholderValue, in pipeline: Pipeline) throws {
        let element = try pipeline.required(assignment.element, in: path)
        do {
            try element.set(assignment.property, value)
        } catch let error as GStreamerError {
            throw Failure(description: "\(path): ${\(assignment.placeholder)}: \(error.message)")
        }
    }
}

extension PipelineFile.Assignment {
    fileprivate var isAddress: Bool { property == "uri" || property == "location" }
}

extension Element {
    /// Text is read as gst-launch would read it only where the property is not itself text.
    func set(_ property: String, _ value: PlaceholderValue) throws {
        switch value {
        case .boolean(let value): try set(property, .bool(value))
        case .integer(let value): try set(property, .int(value))
        case .number(let value): try set(property, .double(value))
        case .text(let value): try set(property, .string(value))
        }
    }
}

extension Pipeline {
    /// An element the code drives; a pipeline file without it cannot do this work.
    func required(_ name: String, in path: String) throws -> Element {
        guard let element = element(named: name) else {
            throw PipelineFile.Failure(
                description: "\(path): has no element named \(name), which this kind of worker drives; "
                    + "compare the shipped file of the same name.")
        }
        return element
    }
}
