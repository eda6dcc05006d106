import Foundation
import Hummingbird
import VenuecastModel

extension Route {
    static let alarms: [Route] = [
        Route(method: .get, path: "/v1/alarms") { _, call in try .json(await call.environment.monitor.alarms()) },
        Route(method: .post, path: "/v1/alarms/{id}/acknowledge") { _, call in
            let request = try AcknowledgeRequest(reading: call.body)
            return try .json(
                await call.environment.monitor.acknowledge(
                    call.parameters["id"] ?? "", by: request.by ?? call.person.name))
        },
    ]
}

extension AcknowledgeRequest {
    private static let longest = 60

    init(reading body: ByteBuffer) throws(ControlError) {
        let form = RequestBody<AcknowledgeRequest>(
            keys: ["by": "a string"],
            example: #"Send nothing, and your user name is taken, or {"by": "NAME"} with your own."#)
        self = try form.read(body) ?? AcknowledgeRequest()
        guard let by else { return }
        let isOneLine = !by.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard isOneLine, by.count <= Self.longest, !by.allSatisfy(\.isWhitespace) else {
            throw form.refusal("The value of \"by\" is not a name of 1 to \(Self.longest) characters in one line.")
        }
    }
}
