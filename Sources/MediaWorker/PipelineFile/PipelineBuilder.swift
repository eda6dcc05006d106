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

    /// Parses the text and sets every placeholder by its property's type. Keeps to the house's clock: CLOCK_MONOTONIC,
    /// base time 0.
    func build(_ values: [String: PlaceholderValue]) throws -> Pipeline {
        let pipeline: Pipeline
        do {
            pipeline = try Pipeline.parse(try launchDescription(values))
        } catch let error as GStreamerError {
            throw Failure(description: "\(path): \(error.message)")
        }
        // An address set later would reset what goes with it: srtsrc's latency, for one.
        for assignment in assignments.filter(\.isAddress) + assignments.filter({ !$0.isAddress }) {
            guard let element = pipeline.element(named: assignment.element) else {
                throw Failure(description: "\(path): has no element named \(assignment.element).")
            }
            let value = try value(of: assignment.placeholder, values)
            do {
                try element.set(assignment.property, value)
            } catch let error as GStreamerError {
                throw Failure(description: "\(path): ${\(assignment.placeholder)}: \(error.message)")
            }
        }
        pipeline.useMonotonicClock()
        return pipeline
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
