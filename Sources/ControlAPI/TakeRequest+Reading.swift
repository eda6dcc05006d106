import Foundation
import Hummingbird
import VenuecastModel

extension TakeRequest {
    private static let example =
        #"Send {"input": "ID"}, {"input": "slate:ID"} or {"input": "auto"}; "#
        + #"with "force": true also for an input that is dead."#

    /// - Throws: a sentence that names what is wrong with the body and what is expected.
    init(reading body: ByteBuffer) throws(ControlError) {
        func refusal(_ detail: String) -> ControlError {
            ControlError(
                status: 400, code: "bad-request", title: "The request could not be read", detail: detail,
                nextStep: Self.example)
        }
        guard body.readableBytes > 0 else { throw refusal("The request has no body.") }
        let data = Data(body.readableBytesView)
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        } catch {
            throw refusal("The body is not JSON.")
        }
        guard let object = value as? [String: Any] else { throw refusal("The body is not a JSON object.") }
        if let key = object.keys.sorted().first(where: { $0 != "input" && $0 != "force" }) {
            throw refusal("The key \"\(key)\" is not known.")
        }
        guard object["input"] != nil else { throw refusal("The key \"input\" is missing.") }
        do {
            self = try VenuecastJSON.decode(TakeRequest.self, from: data)
        } catch {
            let key = object["input"] is String ? "force" : "input"
            throw refusal("The value of \"\(key)\" is not a \(key == "input" ? "string" : "boolean").")
        }
        if input.isEmpty { throw refusal("The value of \"input\" is empty.") }
    }
}
