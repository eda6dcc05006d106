import ControlClient
import Foundation
import VenuecastModel

/// Asks at the socket that was named, or at the usual ones.
struct Asker: Sendable {
    static let control = "/run/venuecast/control.sock"
    static let monitor = "/run/venuecast/monitor.sock"
    static let archive = "/run/venuecast/archive.sock"

    /// For what only reads, in the order they are tried; the first is for what changes something as well.
    private(set) var sockets: [String]
    private(set) var timeout: Duration
    /// Over the network instead.
    private let remote: RemoteArchive?

    init(named: String?, environment: [String: String], timeout: Duration = .seconds(5)) {
        if let path = named ?? environment["VENUECAST_SOCKET"].flatMap({ $0.isEmpty ? nil : $0 }) {
            sockets = [path]
        } else {
            sockets = [Self.control, Self.monitor]
        }
        self.timeout = timeout
        remote = nil
    }

    init(_ remote: RemoteArchive) {
        sockets = [remote.url]
        timeout = .seconds(30)
        self.remote = remote
    }

    /// For recordings' files: their own socket, or everything's.
    init(archiveNamed name: String?, environment: [String: String]) {
        self.init(named: name, environment: environment)
        if sockets == [Self.control, Self.monitor] { sockets = [Self.archive, Self.control] }
        timeout = .seconds(30)
    }

    /// The same, for an order that takes its time.
    func waiting(_ timeout: Duration) -> Asker {
        var patient = self
        patient.timeout = timeout
        return patient
    }

    /// The answer as it came, and as it is meant.
    struct Answer<Value: Sendable>: Sendable {
        let data: Data
        let value: Value
    }

    func get<Value: Decodable & Sendable>(_ path: String, as type: Value.Type) async throws -> Answer<Value> {
        try await reading { client in
            let data = try await client.data(get: path)
            return Answer(data: data, value: try client.decode(type, from: data))
        }
    }

    func post<Value: Decodable & Sendable>(
        _ path: String, body: (any Encodable & Sendable)? = nil, as type: Value.Type
    ) async throws -> Answer<Value> {
        let client = ControlClient(socket: sockets[0], timeout: timeout)
        let data = try await client.post(path, body: body)
        return Answer(data: data, value: try client.decode(type, from: data))
    }

    /// A body as it is.
    func post<Value: Decodable & Sendable>(
        _ path: String, raw: Data, as type: Value.Type
    ) async throws -> Answer<Value> {
        let client = ControlClient(socket: sockets[0], timeout: timeout)
        let data = try await client.post(path, raw: raw)
        return Answer(data: data, value: try client.decode(type, from: data))
    }

    /// Goes on to the next socket where the one before is not for us; if none is, that is said of the first.
    func reading<Value>(_ ask: (ControlClient) async throws -> Value) async throws -> Value {
        if let remote { return try await ask(ControlClient(remote, timeout: timeout)) }
        var refusal: (any Error)?
        for socket in sockets {
            do {
                return try await ask(ControlClient(socket: socket, timeout: timeout))
            } catch let error as ControlClientError {
                guard case .notPermitted = error else { throw refusal ?? error }
                refusal = refusal ?? error
            }
        }
        throw refusal ?? ControlClientError.noDaemon(path: sockets[0])
    }

    /// A venue's id as part of a path, whatever somebody typed.
    static func venuePath(_ id: String) -> String { "/v1/venues/" + component(id) }

    static func sessionPath(_ id: String) -> String { "/v1/sessions/" + component(id) }

    static func recordingPath(_ id: String) -> String { "/v1/recordings/" + component(id) }

    static func workerPath(_ id: String) -> String { "/v1/workers/" + component(id) }

    static func component(_ text: String) -> String {
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
        return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
    }
}
