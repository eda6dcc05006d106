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
    func build(_ values: [String: PlaceholderValue]) throws -> Pipeline {
        let pipeline = try parse(values)
        // An address set later would reset what goes with it: srtsrc's latency, for one.
        for assignment in assignments.filter(\.isAddress) + assignments.filter({ !$0.isAddress }) {
            try set(assignment, try value(of: assignment.placeholder, values), in: pipeline)
        }
        return pipeline
    }

    /// Whether it would build, as far as that can be said without the values a configuration gives.
    func check(_ values: [String: PlaceholderValue]) throws {
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
